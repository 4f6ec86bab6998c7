"""Where pieces may begin and end."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from adapters.trainers.torch.tokenizer import train_tokenizer, without_cut_pieces

TEXTS = [
    "서울은 한국의 수도이다. 학교에서는 아이들이 논다. 학교 서울에서 서울을",
    "وكان الموظفون في الفندق وزير كتاب بالفندق والكتاب",
    "我们的一个朋友的一个地方的一个",
    "the staff were great!!! and the rooms were clean",
]


@pytest.fixture
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS * 20, 400)


def edges(tokenizer: Tokenizer, text: str) -> set[int]:
    """Where a span of the text may begin or end."""
    return {edge for piece in tokenizer.encode(text).offsets for edge in piece}


@pytest.mark.parametrize(
    ("text", "noun"),
    [("서울은 크다", 2), ("서울에서는", 2), ("학교의", 2), ("김민수씨가", 3), ("수도이다", 2), ("서울에, 학교를", 2)],
)
def test_a_korean_word_ends_before_its_particle(tokenizer: Tokenizer, text: str, noun: int) -> None:
    assert noun in edges(tokenizer, text)


@pytest.mark.parametrize(("text", "prefix"), [("والكتاب", 1), ("بالفندق", 1), ("كالفندق", 1), ("وبالفندق", 2)])
def test_an_arabic_word_begins_after_its_prefix(tokenizer: Tokenizer, text: str, prefix: int) -> None:
    assert prefix in edges(tokenizer, text)


def test_pieces_that_spans_cut_often_go_and_the_others_stay(tokenizer: Tokenizer) -> None:
    text = "的一个"
    [whole] = tokenizer.encode(text).ids
    other = tokenizer.encode("staff")

    ids = np.array([whole] * 4 + other.ids * 4)
    without = without_cut_pieces(tokenizer, ids, ids == whole)

    assert len(without.encode(text).ids) > 1
    assert without.encode("staff").tokens == other.tokens
    assert without.token_to_id("<unk>") == 1


def test_a_piece_that_is_cut_now_and_then_stays(tokenizer: Tokenizer) -> None:
    [whole] = tokenizer.encode("的一个").ids
    ids = np.full(100, whole)

    assert without_cut_pieces(tokenizer, ids, np.arange(100) < 9).encode("的一个").tokens == ["的一个"]
