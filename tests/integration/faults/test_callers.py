"""What a caller asks of the time, and what becomes of a caller who does not wait: nothing is paid for in vain."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sentiment_core.metric_names import QUEUE_DEPTH, QUOTA_WAIT_SECONDS, REQUEST_COUNT
from tests.integration.api_server import post, wait_until
from tests.integration.faults.deployment import CONNECTIONS, TEXTS, Deployment
from tests.standins.comprehend_faults import held
from tests.standins.network_faults import Blackhole


@contextmanager
def busy(service: Deployment) -> Iterator[None]:
    """Until its end every connection waits for Comprehend, which has begun to work on TEXTS[0]."""
    gate = threading.Event()
    service.comprehend.fail(*[held(gate)] * CONNECTIONS)
    clients = [threading.Thread(target=service.analyze) for _ in range(CONNECTIONS // 3)]
    for number, client in enumerate(clients, 1):
        client.start()
        service.comprehend.wait_for_calls(3 * number)  # two that come together would share their calls
    yield
    gate.set()
    for client in clients:
        client.join()


def test_nothing_is_paid_for_a_caller_who_has_gone_away_before_the_turn(service: Deployment) -> None:
    gone = f'{{"text": "{TEXTS[1]}"}}'.encode()
    with busy(service):
        with service.server.connect() as connection:
            connection.sendall(post(gone))
            wait_until(lambda: service.metric(QUEUE_DEPTH, "comprehend") > 0)
        wait_until(lambda: service.metric(REQUEST_COUNT, "/analyze", "499") == 1)

    assert service.analyze(TEXTS[2]).json()["analyzer"] == "comprehend"
    assert {call.texts for call in service.comprehend.calls} == {(TEXTS[0],), (TEXTS[2],)}
    assert service.fallen_back() == []


@pytest.mark.parametrize("service", [{"comprehend_single_tps": 1.0}], indirect=True)
def test_nothing_is_paid_for_a_caller_who_has_gone_away_while_the_quota_has_no_room(service: Deployment) -> None:
    service.analyze(TEXTS[0], features=["sentiment"])
    gone = f'{{"text": "{TEXTS[1]}", "features": ["sentiment"]}}'.encode()
    with service.server.connect() as connection:
        connection.sendall(post(gone))
        wait_until(lambda: service.metric(QUOTA_WAIT_SECONDS, "sentiment", "single", suffix="_count") == 2)
    wait_until(lambda: service.metric(REQUEST_COUNT, "/analyze", "499") == 1)

    service.analyze(TEXTS[2], features=["sentiment"])

    assert [call.texts for call in service.comprehend.calls] == [(TEXTS[0],), (TEXTS[2],)]


def test_nothing_is_paid_for_after_a_deadline_that_passed_in_the_queue(service: Deployment) -> None:
    with busy(service):
        late = service.analyze(TEXTS[1], timeout_ms=300).json()

    assert late["degraded_reason"] == "deadline_exceeded"
    assert service.analyze(TEXTS[2]).json()["analyzer"] == "comprehend"
    assert {call.texts for call in service.comprehend.calls} == {(TEXTS[0],), (TEXTS[2],)}


def test_a_deadline_that_nobody_can_keep_is_504(service: Deployment) -> None:
    service.proxy.fault = Blackhole()
    service.embedded.before = lambda: asyncio.sleep(0.1)

    response = service.analyze(timeout_ms=1)

    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")


def test_a_deadline_that_is_no_whole_number_from_1_is_400(service: Deployment) -> None:
    for milliseconds in ("0", "-5", "abc", "1e9", "1.5", "000", ""):
        response = service.analyze(timeout_ms=milliseconds)

        assert (response.status_code, response.json()["code"]) == (400, "invalid_timeout")
    assert service.comprehend.calls == []


def test_a_deadline_beyond_the_maximum_is_the_maximum(service: Deployment) -> None:
    service.comprehend.answer = lambda *_: {}

    response = service.analyze(timeout_ms=1_000_000_000)

    [(_, options)] = service.fallen_back()
    assert response.status_code == 200
    assert 0 < options.deadline - time.monotonic() <= 30
