import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.segments import segments, sentences
from tests.strategies import TEXTS


@given(TEXTS)
def test_sentences_cover_the_text_without_gaps(text: str) -> None:
    assert "".join(text[begin:end] for begin, end in sentences(text)) == text


@given(TEXTS, st.integers(4, 60))
def test_segments_cover_the_text_and_keep_the_byte_limit(text: str, max_bytes: int) -> None:
    spans = segments(text, max_bytes)

    assert "".join(text[begin:end] for begin, end in spans) == text
    assert all(0 < len(text[begin:end].encode()) <= max_bytes for begin, end in spans)


@given(TEXTS)
def test_a_text_within_the_limit_is_one_segment(text: str) -> None:
    assert segments(text, max(4, len(text.encode()))) == ([(0, len(text))] if text else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It works. It is fast!", ["It works. ", "It is fast!"]),
        ("Dr. Who lives in the U.S. today. He left.", ["Dr. Who lives in the U.S. today. ", "He left."]),
        ("It costs 3.50 euros. Really?! Yes.", ["It costs 3.50 euros. ", "Really?! ", "Yes."]),
        ('He said "no." Then he left.', ['He said "no." ', "Then he left."]),
        ("Am 3. Mai kam er. Gut.", ["Am 3. Mai kam er. ", "Gut."]),
        ("今日は寒い。明日は？", ["今日は寒い。", "明日は？"]),
        ("यह अच्छा है। वह बुरा है।", ["यह अच्छा है। ", "वह बुरा है।"]),
        ("one line\nanother line", ["one line\n", "another line"]),
        (".", ["."]),
        (" . No", [" . ", "No"]),
        ("One" + " " * 20 + ". Two", ["One" + " " * 20 + ". ", "Two"]),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, expected: list[str]) -> None:
    assert [text[begin:end] for begin, end in sentences(text)] == expected


def test_segments_end_at_sentence_ends_then_words_then_characters() -> None:
    text = "Short one. A longer sentence here. Donaudampfschifffahrt"

    assert [text[begin:end] for begin, end in segments(text, 14)] == [
        "Short one. A ",
        "longer ",
        "sentence ",
        "here. ",
        "Donaudampfschi",
        "fffahrt",
    ]


@pytest.mark.parametrize("unit", [".", "你好。", " ", "a", "a. ", '."', "\n", "😀"])
def test_the_worst_texts_take_linear_time(unit: str) -> None:
    """A quadratic rule would need hours for this; the suite's own timeout would end it."""
    text = unit * (200_000 // len(unit))

    assert segments(text, 5_000)[-1][1] == len(text)


def test_a_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        segments("text", 3)
