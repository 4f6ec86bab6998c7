"""Comprehend answers what cannot be right. Nobody is told so here."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.faults.deployment import HURRIED, Deployment, degraded_reason
from tests.standins import comprehend_faults
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import edited, html, raw, redirected, truncated
from tests.standins.network_faults import Corrupt, Cut, Fault, SlowClose

LATE = "deadline_exceeded"
HEAD = 100
"""No fewer bytes than the head of a reply of the stand-in, and fewer than head and body."""


def _score(value: float) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["SentimentScore"].update(Positive=value)


REPLIES: dict[str, comprehend_faults.Fault] = {
    "truncated": truncated(),
    "page": html(),
    "empty object": raw(b"{}"),
    "null": raw(b"null"),
    "list": raw(b"[]"),
    "NaN": edited(_score(math.nan)),
    "score of 7": edited(_score(7)),
    "wrong type": edited(lambda body: body.update(Sentiment=["POSITIVE"])),
}


@pytest.mark.parametrize("fault", REPLIES.values(), ids=REPLIES)
def test_a_reply_that_cannot_be_right_is_never_passed_on(service: Deployment, fault: comprehend_faults.Fault) -> None:
    service.comprehend.fail_always(fault)

    response = service.analyze(features=["sentiment"])

    assert degraded_reason(response) == "invalid_reply"


@pytest.mark.parametrize(("operation", "member"), [("DetectEntities", "Entities"), ("DetectKeyPhrases", "KeyPhrases")])
def test_one_broken_analysis_leaves_none_of_the_document_to_comprehend(
    service: Deployment, operation: str, member: str
) -> None:
    beyond = edited(lambda body: body[member][0].update(EndOffset=1_000))
    service.comprehend.fail(beyond, beyond, operation=operation)  # the call, and its second attempt

    assert degraded_reason(service.analyze()) == "invalid_reply"


def test_a_broken_reply_is_asked_for_again(service: Deployment) -> None:
    service.comprehend.fail(raw(b"{}"))

    answer = service.analyze(features=["sentiment"]).json()

    assert (answer["analyzer"], answer["sentiment"]["sentiment"]) == ("comprehend", "POSITIVE")
    assert answer["degraded"] is False
    assert len(service.comprehend.calls) == 2


SPOILT: dict[str, tuple[Fault, str]] = {
    "cut in its body": (Cut(HEAD), "invalid_reply"),
    "corrupt in its body": (Corrupt(HEAD), "invalid_reply"),
    "cut in its head": (Cut(5), "analyzer_unavailable"),
    "corrupt from the start": (Corrupt(), "invalid_reply"),
}


@pytest.mark.parametrize(("fault", "reason"), SPOILT.values(), ids=SPOILT)
def test_a_reply_that_the_network_spoils_is_never_passed_on(service: Deployment, fault: Fault, reason: str) -> None:
    service.proxy.fault = fault

    assert degraded_reason(service.analyze()) == reason


def test_a_truncated_reply_whose_end_is_not_heard_costs_no_more_than_the_deadline(service: Deployment) -> None:
    service.comprehend.fail_always(truncated())
    service.proxy.fault = SlowClose(60)

    assert degraded_reason(service.analyze(timeout_ms=HURRIED)) == LATE


def test_a_close_that_is_heard_late_does_a_whole_reply_no_harm(service: Deployment) -> None:
    service.proxy.fault = SlowClose(60)

    assert service.analyze().json()["degraded"] is False


def test_a_redirect_is_not_followed_with_the_text(service: Deployment) -> None:
    with ComprehendStandIn() as elsewhere:
        service.comprehend.fail_always(redirected(elsewhere.endpoint_url))

        assert degraded_reason(service.analyze()) == "analyzer_unavailable"
        assert elsewhere.calls == []
