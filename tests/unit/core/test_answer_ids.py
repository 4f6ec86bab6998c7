"""Ids that say what was answered, and are good for nothing else."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import ExpiredAnswerIdError, InvalidAnswerIdError
from sentiment_core.feedback.answer_ids import DAYS, AnswerIds
from sentiment_core.feedback.verdict import Prediction
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import Feature, SentimentType
from sentiment_core.testing import fake_analysis
from sentiment_core.testing.analyzers import only

KEY = b"the key of the tests, of 32 bytes"
ANALYSIS = fake_analysis(SentimentType.MIXED, language="zh-TW", analyzer="sentiment", model_version="sentiment/3")
DAY = 86_400.0


def ids_at(now: float, key: bytes = KEY) -> AnswerIds:
    return AnswerIds(key, wall_clock=lambda: now, entropy=os.urandom)


IDS = ids_at(1_800_000_000.9)
ID = IDS.issue(ANALYSIS)


@given(
    st.sampled_from(SentimentType), st.sampled_from(LANGUAGES), st.text(min_size=1), st.text(), st.integers(0, 2**33)
)
def test_an_id_says_what_was_answered_by_whom_and_when(
    sentiment: SentimentType, language: str, analyzer: str, version: str, now: int
) -> None:
    ids = ids_at(now)
    analysis = fake_analysis(sentiment, language=language, analyzer=analyzer, model_version=version)

    assert ids.read(ids.issue(analysis)) == Prediction(now, sentiment, 0.97, language, analyzer, version)


def test_it_can_stand_in_an_address() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{40,120}", IDS.issue(ANALYSIS)) for _ in range(100))


def test_of_equal_answers_each_has_an_id_of_its_own() -> None:
    assert len({IDS.issue(ANALYSIS) for _ in range(1_000)}) == 1_000


@given(st.integers(0, len(ID) - 1), st.characters(codec="ascii"))
def test_an_id_with_one_letter_changed_is_none(place: int, letter: str) -> None:
    altered = ID[:place] + letter + ID[place + 1 :]
    if altered != ID:
        with pytest.raises(InvalidAnswerIdError):
            IDS.read(altered)


@pytest.mark.parametrize(
    "id_",
    ["", "=", "A", ID[:-1], ID[1:], f"{ID}=", f"{ID}A", f" {ID}", f"{ID}\n", ID.replace("m", "µ", 1), ID * 2],
    ids=range(11),  # ID is another one in each process
)
def test_nor_is_another_spelling_of_it(id_: str) -> None:
    """One answer would be judged under two ids."""
    with pytest.raises(InvalidAnswerIdError):
        IDS.read(id_)


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_is_sent_instead_is_refused(id_: str) -> None:
    with pytest.raises(InvalidAnswerIdError):
        IDS.read(id_)


@given(st.binary())
def test_what_another_layout_has_signed_with_the_key_is_refused(content: bytes) -> None:
    import base64
    import hmac

    signed = content + hmac.digest(KEY, content, "sha256")[:16]
    with pytest.raises(InvalidAnswerIdError):
        IDS.read(base64.urlsafe_b64encode(signed).decode().rstrip("="))


def test_an_id_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidAnswerIdError):
        ids_at(1_800_000_000.9, key=bytes(32)).read(ID)


def test_an_answer_can_be_judged_for_ninety_days() -> None:
    assert ids_at(1_800_000_000 + DAYS * DAY).read(ID).sentiment is SentimentType.MIXED
    with pytest.raises(ExpiredAnswerIdError, match="90 days"):
        ids_at(1_800_000_001 + DAYS * DAY).read(ID)


def test_a_replica_whose_clock_is_behind_reads_it_too() -> None:
    assert ids_at(1_799_999_000).read(ID).answered == 1_800_000_000


def test_an_answer_without_a_sentiment_has_an_id_and_nothing_to_judge() -> None:
    id_ = IDS.issue(only(ANALYSIS, frozenset({Feature.ENTITIES})))

    with pytest.raises(InvalidAnswerIdError, match="no sentiment"):
        IDS.read(id_)
