"""What is never part of an entity or a key phrase."""

import time

import pytest

from adapters.analyzers.onnx.edges import trim_entity, trim_phrase


@pytest.mark.parametrize(
    ("language", "span", "kept"),
    [
        ("en", "the White House", "White House"),
        ("en", "Berlin,", "Berlin"),
        ("en", "« Le Monde", "« Le Monde"),
        ("es", "Los Angeles", "Los Angeles"),
        ("fr", "l'Italie", "Italie"),
        ("de", "der Deutschen Bank.", "Deutschen Bank"),
        ("ja", "、東京。", "東京"),
        ("en", "3 (three)", "3 (three)"),
        ("en", "Paris)", "Paris"),
        ("hi", "दिल्ली।", "दिल्ली"),
        ("en", "U.S.", "U.S."),
        ("en", "...", ""),
    ],
)
def test_an_entity_has_no_article_before_it_and_no_marks_around_it(language: str, span: str, kept: str) -> None:
    text = f"x {span} x"

    begin, end = trim_entity(text, 2, 2 + len(span), language)

    assert text[begin:end] == kept


def test_a_phrase_keeps_its_article() -> None:
    assert trim_phrase("a great hotel!", 0, 14) == (0, 13)


@pytest.mark.parametrize("span", ["!" * 50_000 + "x", "x" + "!" * 50_000, "(" * 50_000 + ")" * 50_000, "a." * 50_000])
def test_the_worst_spans_are_trimmed_without_looking_at_all_of_them_again_and_again(span: str) -> None:
    """Row 62: a pattern that is tried from every character on would take a minute of the processor for each."""
    started = time.process_time()
    begin, end = trim_phrase(span, 0, len(span))

    assert 0 < end - begin <= len(span)
    assert time.process_time() - started < 20
