"""Comprehend answers, but not our calls: over its quota, or with credentials that it does not take."""

import pytest

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import BREAKER_STATE, BREAKER_TRANSITIONS, QUOTA_RATE, RETRY_COUNT
from sentiment_core.models import Feature
from sentiment_core.resilience import State
from tests.integration.faults.deployment import HURRIED, TEXTS, Deployment, degraded_reason
from tests.standins.comprehend_faults import failed, throttled, truncated
from tests.standins.network_faults import Blackhole, Refusing, Reset

OPERATIONS = ("DetectSentiment", "DetectEntities", "DetectKeyPhrases")


def test_throttling_halves_the_rate_and_opens_no_breaker(service: Deployment) -> None:
    service.comprehend.fail_always(throttled())

    reasons = [degraded_reason(service.analyze(text, timeout_ms=HURRIED)) for text in TEXTS[:8]]

    assert "throttled" in reasons
    assert set(reasons) <= {"throttled", "over_quota", "deadline_exceeded"}
    assert min(service.metric(QUOTA_RATE, feature, "single") for feature in Feature) <= 10
    assert all(service.metric(BREAKER_STATE, feature) == State.CLOSED for feature in Feature)


def test_a_throttled_call_is_made_twice_at_the_most(service: Deployment) -> None:
    service.comprehend.fail_always(throttled())

    service.analyze()

    operations = [call.operation for call in service.comprehend.calls]
    assert all(operations.count(operation) <= 2 for operation in OPERATIONS)


def test_a_passing_reset_is_made_good_by_a_second_attempt(service: Deployment) -> None:
    service.proxy.fail(Reset())

    answer = service.analyze(features=["sentiment"]).json()

    assert (answer["analyzer"], answer["degraded"]) == ("comprehend", False)
    assert service.metric(RETRY_COUNT, "sentiment") == 1
    assert len(service.comprehend.calls) == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
def test_refused_credentials_open_the_breaker_at_once(service: Deployment, code: str) -> None:
    service.comprehend.fail_always(failed(code))

    first = degraded_reason(service.analyze(features=["sentiment"]))
    second = degraded_reason(service.analyze(features=["sentiment"]))

    assert (first, second) == ("credentials", "breaker_open")
    assert service.metric(BREAKER_TRANSITIONS, "sentiment", "open") == 1
    assert len(service.comprehend.calls) == 1


def test_when_both_fail_the_caller_is_told_when_to_come_back_whatever_the_reasons(service: Deployment) -> None:
    service.embedded.script = dict.fromkeys(TEXTS, AnalyzerUnavailableError("The model is broken."))
    service.comprehend.fail_always(truncated())
    responses = [service.analyze(features=["sentiment"])]
    service.proxy.fault = Blackhole()
    responses.append(service.analyze(features=["entities"], timeout_ms=HURRIED))
    service.proxy.fault = Refusing()
    responses += [service.analyze() for _ in range(8)]

    assert {response.status_code for response in responses} == {503}
    assert {response.json()["code"] for response in responses} == {"all_failed"}
    assert all(int(response.headers["retry-after"]) >= 1 for response in responses)
    for reason, response in zip(
        ("invalid_reply", "deadline_exceeded", "analyzer_unavailable"), responses, strict=False
    ):
        assert f"({reason}; then analyzer_unavailable)" in response.json()["detail"]


def test_a_document_that_comprehend_would_not_take_is_its_callers_to_mend(service: Deployment) -> None:
    service.comprehend.fail_always(failed("InvalidRequestException"))

    response = service.analyze()

    assert (response.status_code, response.json()["code"]) == (400, "invalid_text")
    assert service.fallen_back() == []
