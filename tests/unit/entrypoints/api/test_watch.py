import asyncio
import time

import pytest

from sentiment_core.errors import DeadlineExceededError
from sentiment_core.metric_names import ERROR_COUNT, REQUEST_COUNT
from sentiment_core.testing import FakeAnalyzer
from tests.unit.entrypoints.api.support import DISCONNECT, Exchange, Held, Service, body, code_of

TEXT = b'{"text": "a"}'


async def test_a_caller_who_goes_away_ends_the_work_and_gets_no_answer() -> None:
    held = Held()
    service = Service(FakeAnalyzer(before=held))
    exchange = Exchange(service.app, [body(TEXT)])
    running = asyncio.create_task(exchange.run())
    await held.started.wait()

    exchange.inbox.put_nowait(DISCONNECT)
    await running

    assert held.cancelled
    assert exchange.sent == []
    assert service.metrics.value(REQUEST_COUNT, "/analyze", "499") == 1
    assert sum(service.metrics.value(ERROR_COUNT, *labels) for labels in service.metrics.labels(ERROR_COUNT)) == 0


async def test_a_caller_who_goes_away_within_the_body_reaches_no_analyzer() -> None:
    service = Service()
    exchange = Exchange(service.app, [body(b'{"te', more=True), DISCONNECT])

    await exchange.run()

    assert exchange.sent == []
    assert service.fake.calls == []
    assert service.metrics.value(REQUEST_COUNT, "/analyze", "499") == 1


async def test_a_deadline_that_the_analyzer_does_not_keep_is_504() -> None:
    held = Held()
    service = Service(FakeAnalyzer(before=held), clock=time.monotonic)

    response = await service.post("/analyze", {"text": "a"}, x_request_timeout_ms="30")

    assert (response.status_code, code_of(response)) == (504, "deadline_exceeded")
    assert held.cancelled


async def test_an_analyzer_that_keeps_the_deadline_answers_itself() -> None:
    late = FakeAnalyzer({"late": DeadlineExceededError("Too late.")}, before=lambda: asyncio.sleep(0.03))
    service = Service(late, clock=time.monotonic)
    batch = {"documents": [{"text": "late"}, {"text": "in time"}]}

    response = await service.post("/analyze/batch", batch, x_request_timeout_ms="20")

    assert ["error" in result for result in response.json()["results"]] == [True, False]


async def test_a_server_that_ends_its_grace_period_gives_the_caller_503() -> None:
    held = Held()
    exchange = Exchange(Service(FakeAnalyzer(before=held)).app, [body(TEXT)])
    running = asyncio.create_task(exchange.run())
    await held.started.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert exchange.status == 503
    assert b"shutting_down" in exchange.body
