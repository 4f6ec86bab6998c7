"""A reply is either right, or an InvalidReplyError."""

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.analyzers.comprehend import replies
from adapters.analyzers.comprehend.replies import Part, Read
from sentiment_core.errors import AnalysisError, InvalidReplyError, ThrottledError
from sentiment_core.models import Entity, EntityType, KeyPhrase, Sentiment, SentimentType
from tests.standins.comprehend_answers import scored

TEXT = "😀 Ann met Bob"


def _read(read: Read, reply: object, text: str = TEXT) -> Any:
    return read(json.dumps(reply).encode(), text)


def _read_batch(reply: object, texts: list[str], read: Read = replies.read_sentiment) -> list[Part | AnalysisError]:
    return replies.read_batch(json.dumps(reply).encode(), texts, read, "BatchDetect")


def _entity(begin: int, end: int, score: float = 0.9, **members: object) -> dict[str, Any]:
    return {"BeginOffset": begin, "EndOffset": end, "Score": score, "Type": "PERSON", **members}


def _scores(**scores: object) -> dict[str, Any]:
    return {"Sentiment": "NEUTRAL", "SentimentScore": {"Positive": 0, "Negative": 0, "Neutral": 1, "Mixed": 0} | scores}


def test_a_sentiment_is_read() -> None:
    sentiment = _read(replies.read_sentiment, scored("MIXED") | {"Unknown": 1})

    assert (sentiment.sentiment, sentiment.scores.mixed) == (SentimentType.MIXED, 0.97)


@pytest.mark.parametrize(
    "reply",
    [
        {},
        None,
        [],
        "POSITIVE",
        {"Sentiment": "NEUTRAL"},
        scored("NEUTRAL") | {"Sentiment": "HAPPY"},
        scored("NEUTRAL") | {"Sentiment": "\ud800"},
        scored("NEUTRAL") | {"Sentiment": 5},
        scored("NEUTRAL") | {"Sentiment": "POSITIVE"},
        _scores(Neutral=math.nan),
        _scores(Neutral=math.inf),
        _scores(Neutral=7),
        _scores(Neutral="1"),
        _scores(Neutral=True),
        _scores(Neutral=0.98),
        _scores(Mixed=0.011),
        _scores(Mixed=-0.001),
    ],
)
def test_a_sentiment_that_cannot_be_right_is_refused(reply: object) -> None:
    with pytest.raises(InvalidReplyError):
        _read(replies.read_sentiment, reply)


def test_the_scores_may_miss_one_by_a_hundredth_for_rounding() -> None:
    assert _read(replies.read_sentiment, _scores(Mixed=0.0099)).scores.mixed == 0.0099


def test_offsets_are_code_points_and_an_items_text_is_what_is_there() -> None:
    reply = {"Entities": [_entity(2, 5, Text="Ann"), _entity(10, 13)]}

    assert _read(replies.read_entities, reply) == (
        Entity("Ann", EntityType.PERSON, 0.9, 2, 5),
        Entity("Bob", EntityType.PERSON, 0.9, 10, 13),
    )


@pytest.mark.parametrize(
    "item",
    [
        _entity(10, 14),
        _entity(-1, 1),
        _entity(5, 5),
        _entity(5, 2),
        _entity(2, 5, Text="ann"),
        _entity(2, 5, Text=3),
        _entity(2, 5, Score=math.nan),
        _entity(2, 5, Type="CITY"),
        _entity(2, 5, BeginOffset=2.0),
        _entity(2, 5, EndOffset=10**30),
        {"BeginOffset": 2, "EndOffset": 5, "Score": 1},
        None,
        [],
    ],
)
def test_one_item_that_cannot_be_right_makes_the_reply_invalid(item: object) -> None:
    with pytest.raises(InvalidReplyError):
        _read(replies.read_entities, {"Entities": [_entity(2, 5), item]})


@pytest.mark.parametrize("reply", [{}, {"KeyPhrases": None}, {"KeyPhrases": {}}, {"Entities": []}])
def test_a_reply_without_its_list_is_not_an_empty_list(reply: object) -> None:
    with pytest.raises(InvalidReplyError):
        _read(replies.read_key_phrases, reply)


def test_items_come_in_order_and_of_two_that_overlap_the_better_one() -> None:
    spans = [_entity(6, 13, 0.8), _entity(0, 5, 0.7), _entity(2, 5, 0.9), _entity(2, 9, 0.9), _entity(10, 13, 0.8)]

    found = _read(replies.read_key_phrases, {"KeyPhrases": spans})

    assert found == (KeyPhrase("Ann", 0.9, 2, 5), KeyPhrase("met Bob", 0.8, 6, 13))


def _batch(results: list[Any], errors: list[Any]) -> list[Any]:
    return _read_batch({"ResultList": results, "ErrorList": errors}, ["a", "b", "c"])


def _at(index: object, label: str = "NEUTRAL") -> dict[str, Any]:
    return {"Index": index, **scored(label)}


def test_items_of_a_batch_go_by_index_and_not_by_place() -> None:
    read = _batch([_at(2, "MIXED"), _at(0, "POSITIVE"), _at(1, "NEGATIVE")], [])

    assert [part.sentiment for part in read] == [SentimentType.POSITIVE, SentimentType.NEGATIVE, SentimentType.MIXED]


def test_an_item_among_the_errors_is_that_documents_failure() -> None:
    read = _batch([_at(0), _at(2)], [{"Index": 1, "ErrorCode": "ThrottlingException", "ErrorMessage": "?"}])

    assert [type(part) for part in read] == [Sentiment, ThrottledError, Sentiment]


@pytest.mark.parametrize(
    ("results", "errors"),
    [
        ([_at(0), _at(2)], []),
        ([_at(0), _at(1), _at(1), _at(2)], []),
        ([_at(0), _at(1), _at(2)], [{"Index": 1, "ErrorCode": "InternalServerException"}]),
        ([_at(0), _at(3), _at(2)], []),
        ([_at(0), _at("1"), _at(2)], []),
        ([_at(0), _at(True), _at(2)], []),
        ([_at(0), scored("NEUTRAL"), _at(2)], []),
        ([_at(0), None, _at(2)], []),
        ([_at(0), _at(1) | {"Sentiment": None}, _at(2)], []),
        ([_at(0), _at(2)], [{"Index": 1}]),
    ],
    ids=["missing", "twice", "right and wrong", "out of range", "text", "bool", "without", "null", "broken", "no code"],
)
def test_a_wrong_index_or_item_is_the_failure_of_its_document_only(results: list[Any], errors: list[Any]) -> None:
    read = _batch(results, errors)

    assert [type(part) for part in read] == [Sentiment, InvalidReplyError, Sentiment]


@pytest.mark.parametrize("reply", [{}, {"ResultList": []}, {"ErrorList": []}, {"ResultList": {}, "ErrorList": []}])
def test_a_batch_reply_without_both_lists_is_invalid_as_a_whole(reply: object) -> None:
    with pytest.raises(InvalidReplyError):
        _read_batch(reply, ["a"])


NAMES = ["Sentiment", "SentimentScore", "Positive", "Entities", "KeyPhrases", "ResultList", "ErrorList", "ErrorCode"]
KEYS = st.sampled_from([*NAMES, "Index", "Score", "Text", "Type", "BeginOffset", "EndOffset", "Neutral"])
LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 20) | st.floats() | st.sampled_from(["POSITIVE", "PERSON", "\ud800"])
)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6))


@given(JSON, st.sampled_from([replies.read_sentiment, replies.read_entities, replies.read_key_phrases]))
def test_whatever_json_comes_it_is_read_or_an_analysis_error(reply: object, read: Read) -> None:
    with contextlib.suppress(InvalidReplyError):
        assert _read(read, reply) is not None
    with contextlib.suppress(InvalidReplyError):
        assert len(_read_batch(reply, [TEXT, TEXT], read)) == 2
