"""More comes than the service can hold: what it has no place for hears so at once, and nothing remains of it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from entrypoints import chains
from sentiment_core.metric_names import ADMITTED_DOCUMENTS, QUEUE_DEPTH, SHED_COUNT
from tests.integration.api_server import wait_until
from tests.integration.faults.deployment import TEXTS, Deployment, who_answered
from tests.standins.comprehend_faults import held

PLACES = 8


@pytest.fixture
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "COMPREHEND_AT_ONCE", PLACES // 2)


def test_what_finds_no_place_is_503_at_once_and_afterwards_all_is_as_before(
    few_places: None, service: Deployment
) -> None:
    gate = threading.Event()
    service.comprehend.fail_always(held(gate))
    with ThreadPoolExecutor(PLACES) as callers:
        inside = [callers.submit(service.analyze, text) for text in TEXTS[:PLACES]]
        wait_until(lambda: service.metric(ADMITTED_DOCUMENTS) == PLACES)
        refused = [service.analyze(text) for text in TEXTS[PLACES : 4 * PLACES]]
        all_inside = not any(one.done() for one in inside)
        gate.set()
        answered = [one.result().json() for one in inside]

    assert all_inside
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "overloaded")}
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    assert service.metric(SHED_COUNT, "full") == len(refused)
    assert {who_answered(answer) for answer in answered} == {"comprehend"}
    assert who_answered(service.analyze().json()) == "comprehend"
    assert service.metric(ADMITTED_DOCUMENTS) == service.metric(QUEUE_DEPTH, "comprehend") == 0
