"""Comprehend cannot be reached: every request is answered within its deadline, by the embedded model, and says so."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sentiment_core.metric_names import BREAKER_STATE, COMPREHEND_LATENCY_SECONDS, FALLBACK_COUNT
from sentiment_core.resilience import State
from tests.integration.faults.deployment import HURRIED, PATIENT, TEXTS, Deployment, degraded_reason
from tests.standins.network_faults import Blackhole, Cut, Drip, Fault, Latency, Refusing, Reset, Unaccepting

LATE = "deadline_exceeded"
GONE = "analyzer_unavailable"

FAULTS: dict[str, tuple[Fault, str]] = {
    "refused": (Refusing(), GONE),
    "reset by the request": (Reset(), GONE),
    "reset before the reply": (Cut(0, reset=True), GONE),
    "closed before the reply": (Cut(0), GONE),
    "never accepted": (Unaccepting(), LATE),
    "black hole": (Blackhole(), LATE),
    "drip": (Drip(0.05), LATE),
    "slow": (Latency(5), LATE),
}


@pytest.mark.parametrize(("fault", "reason"), FAULTS.values(), ids=FAULTS)
def test_the_embedded_model_answers_in_time_and_says_why(service: Deployment, fault: Fault, reason: str) -> None:
    service.proxy.fault = fault

    response = service.analyze(timeout_ms=HURRIED if reason == LATE else PATIENT)

    assert degraded_reason(response) == reason
    assert service.metric(FALLBACK_COUNT, reason) == 1


def test_in_an_outage_all_are_answered_and_comprehend_is_soon_left_alone(service: Deployment) -> None:
    service.proxy.fault = Refusing()

    reasons = [degraded_reason(service.analyze(text, features=["sentiment"])) for text in TEXTS[:8]]
    calls = _sentiment_calls(service)
    last = degraded_reason(service.analyze(features=["sentiment"]))

    assert (reasons[0], last) == (GONE, "breaker_open")
    assert service.metric(BREAKER_STATE, "sentiment") == State.OPEN
    assert calls == _sentiment_calls(service) <= 6


def test_the_service_is_ready_while_the_embedded_model_is(service: Deployment) -> None:
    service.proxy.fault = Refusing()
    service.analyze()

    assert service.get("/health/ready").status_code == 200


def test_in_a_black_hole_many_callers_at_once_are_answered_in_time(service: Deployment) -> None:
    """More than there are connections; that these are bounded is tested with the client."""
    service.proxy.fault = Blackhole()

    with ThreadPoolExecutor(20) as clients:
        responses = list(clients.map(partial(service.analyze, timeout_ms=HURRIED), TEXTS[:40]))

    assert {degraded_reason(response) for response in responses} <= {LATE, "over_quota"}
    assert service.proxy.connections > 0


def _sentiment_calls(service: Deployment) -> float:
    return service.metric(COMPREHEND_LATENCY_SECONDS, "DetectSentiment", suffix="_count")
