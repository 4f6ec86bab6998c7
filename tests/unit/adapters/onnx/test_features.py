"""Texts to numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from adapters.analyzers.onnx.features import (
    SHAPES,
    WIDE_CHARS,
    char_buckets,
    characters,
    encode,
    pad,
    piece_buckets,
)

SIZE = 1 << 10


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Every character is a piece, white space apart."""
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("."), "isolated")]
    )
    return tokenizer


def test_offsets_count_code_points_of_each_text(tokenizer: Tokenizer) -> None:
    encoded = encode(tokenizer, ["😀 a", "é"])

    assert encoded.lengths.tolist() == [2, 1]
    assert list(zip(encoded.begins.tolist(), encoded.ends.tolist(), strict=True)) == [(0, 1), (2, 3), (0, 1)]


def test_the_shape_tells_case_and_place(tokenizer: Tokenizer) -> None:
    shapes = encode(tokenizer, ["a A -A aA 1"]).shapes.tolist()

    small, capital, mark, capital_after_mark, _, capital_inside, digit = shapes
    assert len({small, capital, mark, capital_after_mark, capital_inside, digit}) == 6


def test_only_scripts_with_spaces_have_an_inside_of_words(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, ["ab ж9 東京 서울 كتب a-b"]).inside.tolist() == [
        *(False, True),
        *(False, True),
        *(False, False),
        *(False, False),
        *(False, True, True),
        *(False, False, False),
    ]


def test_the_first_piece_of_a_text_does_not_continue_the_text_before(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, ["ab", "cd"]).inside.tolist() == [False, True, False, True]


def test_texts_without_pieces_are_empty(tokenizer: Tokenizer) -> None:
    assert encode(tokenizer, ["", "  "]).lengths.tolist() == [0, 0]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=30), min_size=1, max_size=4))
def test_any_text_has_shapes_and_offsets_within_it(tokenizer: Tokenizer, texts: list[str]) -> None:
    encoded = encode(tokenizer, texts)

    limits = np.array([len(text) for text in texts]).repeat(encoded.lengths)
    assert ((encoded.begins >= 0) & (encoded.begins <= encoded.ends) & (encoded.ends <= limits)).all()
    assert ((encoded.shapes > 0) & (encoded.shapes < SHAPES)).all()


def test_padding_is_zero_and_longer_rows_are_cut() -> None:
    assert pad(np.array([1, 2, 3, 4]), np.array([1, 3]), 2).tolist() == [[1, 0], [2, 3]]


def test_characters_are_folded_and_cut() -> None:
    chars, lengths = characters(["Ａ  B", "x" * 1000])

    assert chars[0, : lengths[0]].tolist() == [ord(each) for each in " a b "]
    assert lengths.tolist() == [5, WIDE_CHARS]


def test_buckets_do_not_depend_on_the_other_texts_of_a_batch() -> None:
    alone, alone_lengths = characters(["good"])
    among, among_lengths = characters(["good", "a much longer text"])

    [one] = char_buckets(alone, alone_lengths, SIZE)
    two = char_buckets(among, among_lengths, SIZE)[0]

    assert sorted(one[one < SIZE]) == sorted(two[two < SIZE])


def test_a_text_has_a_bucket_for_each_of_its_n_grams() -> None:
    chars, lengths = characters(["abc"])

    assert (char_buckets(chars, lengths, SIZE) < SIZE).sum() == 4 + 3 + 2 + 1


def test_the_same_pieces_of_another_language_have_another_bucket() -> None:
    ids, lengths = np.array([[7, 8, 9]]), np.array([3])

    english, french = (piece_buckets(ids, lengths, np.array([language]), SIZE) for language in (0, 1))

    assert (english < SIZE).sum() == 3 + 2 + 1 + 3
    assert (english != french).sum() == 3
