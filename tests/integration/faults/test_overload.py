"""More comes than the service can hold: what it has no place for hears so at once, and nothing remains of it."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from entrypoints import chains
from sentiment_core.metric_names import ADMITTED_DOCUMENTS, ERROR_COUNT, FALLBACK_COUNT, QUEUE_DEPTH, SHED_COUNT
from tests.integration.api_server import wait_until
from tests.integration.faults.deployment import TEXTS, Deployment, degraded_reason, who_answered
from tests.standins.comprehend_faults import held

PLACES = {"comprehend": 8, "embedded": 4}
ALL = sum(PLACES.values())
INSIDE, OVERFLOW = TEXTS[: PLACES["comprehend"]], TEXTS[PLACES["comprehend"] : ALL]


@pytest.fixture(autouse=True)
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "places", lambda _, analyzer: PLACES[analyzer])


def test_what_comprehend_has_no_place_for_the_embedded_model_answers_and_comprehend_goes_on(
    service: Deployment,
) -> None:
    gate = threading.Event()
    service.comprehend.fail_always(held(gate))
    with ThreadPoolExecutor(ALL) as callers:
        inside = _fill(service, callers, "comprehend", INSIDE)
        reasons = [degraded_reason(service.analyze(text)) for text in OVERFLOW]
        gate.set()
        answered = [one.result().json() for one in inside]

    assert set(reasons) == {"overloaded"}
    assert service.metric(FALLBACK_COUNT, "overloaded") == service.metric(SHED_COUNT, "comprehend") == len(OVERFLOW)
    assert {who_answered(answer) for answer in answered} == {"comprehend"}


@pytest.mark.parametrize("service", [{"cache": "off"}, {"cache": "memory"}], ids=["no cache", "cache"], indirect=True)
def test_what_finds_no_place_anywhere_is_503_at_once_and_afterwards_all_is_as_before(service: Deployment) -> None:
    gate = threading.Event()
    service.comprehend.fail_always(held(gate))
    service.embedded.before = lambda: asyncio.to_thread(gate.wait)
    with ThreadPoolExecutor(ALL) as callers:
        inside = _fill(service, callers, "comprehend", INSIDE)
        inside += _fill(service, callers, "embedded", OVERFLOW)
        refused = [service.analyze(text) for text in TEXTS[ALL : 2 * ALL]]
        all_inside = not any(one.done() for one in inside)
        gate.set()
        answered = [one.result().json() for one in inside]

    assert all_inside
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "overloaded")}
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    assert service.metric(SHED_COUNT, "embedded") == service.metric(ERROR_COUNT, "overloaded") == len(refused)
    assert [who_answered(answer) for answer in answered] == ["comprehend"] * len(INSIDE) + ["embedded"] * len(OVERFLOW)
    assert who_answered(service.analyze().json()) == "comprehend"
    assert sum(service.metric(ADMITTED_DOCUMENTS, analyzer) for analyzer in PLACES) == 0
    assert service.metric(QUEUE_DEPTH, "comprehend") == 0


def _fill(
    service: Deployment, callers: ThreadPoolExecutor, analyzer: str, texts: Sequence[str]
) -> list[Future[httpx.Response]]:
    inside = [callers.submit(service.analyze, text) for text in texts]
    wait_until(lambda: service.metric(ADMITTED_DOCUMENTS, analyzer) == len(texts))
    return inside
