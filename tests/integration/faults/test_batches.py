"""Something is wrong with one document of a batch: its neighbours are Comprehend's, and every answer is its own."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sentiment_core.metric_names import QUOTA_WAIT_SECONDS
from tests.integration.faults.deployment import CANARY, TEXTS, Deployment
from tests.standins.comprehend_answers import RefusedError, keyword_answer
from tests.standins.comprehend_faults import edited, failed, item_failed

GOOD, BAD = TEXTS[0], f"An awful {CANARY}"
BATCH = [GOOD, BAD, GOOD, BAD, BAD]
SENTIMENTS = ["POSITIVE", "NEGATIVE", "POSITIVE", "NEGATIVE", "NEGATIVE"]
"""Comprehend's; the embedded model has MIXED for GOOD and NEUTRAL for BAD."""

EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "missing": lambda body: body["ResultList"].pop(1),
    "repeated": lambda body: body["ResultList"].append(body["ResultList"][1]),
    "without an Index": lambda body: body["ResultList"][1].pop("Index"),
    "with another's Index": lambda body: body["ResultList"][1].update(Index=0),
    "in another order": lambda body: body["ResultList"].reverse(),
}


def _sentiments(results: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(result["analysis"]["analyzer"], result["analysis"]["sentiment"]["sentiment"]) for result in results]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_items_that_are_missing_or_repeated_are_asked_for_again_and_never_shifted(
    service: Deployment, edit: Callable[[dict[str, Any]], object]
) -> None:
    service.comprehend.fail(edited(edit))

    results = service.analyze_batch(BATCH, features=["sentiment"])

    assert _sentiments(results) == [("comprehend", sentiment) for sentiment in SENTIMENTS]


def test_an_item_that_fails_for_good_is_the_embedded_models_alone(service: Deployment) -> None:
    service.comprehend.fail(item_failed(2, "InternalServerException"), failed("InternalServerException", 500))

    results = service.analyze_batch(BATCH, features=["sentiment"])

    assert _sentiments(results) == [
        ("embedded", "MIXED") if index == 2 else ("comprehend", sentiment) for index, sentiment in enumerate(SENTIMENTS)
    ]
    assert results[2]["analysis"]["degraded_reason"] == "analyzer_unavailable"
    assert [len(call.texts) for call in service.comprehend.calls] == [5, 1]


def test_an_item_that_nobody_would_take_is_an_error_in_its_place(service: Deployment) -> None:
    service.comprehend.fail(item_failed(2, "TextSizeLimitExceededException"))

    results = service.analyze_batch(BATCH, features=["sentiment"])

    assert results[2]["error"]["code"] == "text_too_long"
    assert _sentiments(results[:2] + results[3:]) == [
        ("comprehend", sentiment) for index, sentiment in enumerate(SENTIMENTS) if index != 2
    ]
    assert service.fallen_back() == []


def test_a_batch_refused_for_one_document_is_asked_again_one_by_one_within_the_quota(service: Deployment) -> None:
    def refusing(operation: str, text: str, language: str) -> Mapping[str, Any]:
        if text == BAD:
            raise RefusedError("InvalidRequestException", whole_batch=True)
        return keyword_answer(operation, text, language)

    service.comprehend.answer = refusing

    results = service.analyze_batch([GOOD, BAD, GOOD], features=["sentiment"])

    assert results[1]["error"]["code"] == "invalid_text"
    assert _sentiments([results[0], results[2]]) == [("comprehend", "POSITIVE")] * 2
    assert [len(call.texts) for call in service.comprehend.calls] == [3, 1, 1, 1]
    assert service.metric(QUOTA_WAIT_SECONDS, "sentiment", "single", suffix="_count") == 3
    assert service.fallen_back() == []
