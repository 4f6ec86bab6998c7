import asyncio
import math
from collections.abc import Callable, Iterable
from typing import NoReturn

import pytest

from entrypoints.api.errors import ClientGoneError
from entrypoints.api.settings import ApiSettings
from entrypoints.api.watch import OVERTIME_ROUNDS, ROUND_S, Patrol, Watch
from sentiment_core.errors import DeadlineExceededError
from sentiment_core.metric_names import ERROR_COUNT, REQUEST_COUNT
from sentiment_core.testing import FakeAnalyzer, run_virtually
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


def test_a_deadline_that_the_analyzer_does_not_keep_is_504() -> None:
    async def main() -> None:
        held = Held()
        service = Service(FakeAnalyzer(before=held), clock=asyncio.get_running_loop().time)

        response = await service.post("/analyze", {"text": "a"}, x_request_timeout_ms="30")

        assert (response.status_code, code_of(response)) == (504, "deadline_exceeded")
        assert held.cancelled

    run_virtually(main())


def test_an_analyzer_that_keeps_the_deadline_answers_itself() -> None:
    async def main() -> None:
        # It says so between the first two rounds that the deadline is over in.
        late = FakeAnalyzer({"late": DeadlineExceededError("Too late.")}, before=lambda: asyncio.sleep(1.5 * ROUND_S))
        service = Service(late, clock=asyncio.get_running_loop().time)
        batch = {"documents": [{"text": "late"}, {"text": "in time"}]}

        response = await service.post("/analyze/batch", batch, x_request_timeout_ms="15")

        assert ["error" in result for result in response.json()["results"]] == [True, False]

    run_virtually(main())


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


async def _unasked() -> NoReturn:
    pytest.fail("Nobody is to wait for the client's going.")


async def _look(client_gone: Callable[[], bool], deadline: float, rounds: Iterable[float], seen: list[float]) -> None:
    """A block that lasts for these rounds; ``seen`` are those that it has outlived."""
    with Watch(_unasked, client_gone, ApiSettings().single, math.inf) as watch:
        watch.body_read(deadline)
        for now in rounds:
            watch.look(now)
            await asyncio.sleep(0)
            seen.append(now)


async def test_a_server_that_tells_whether_the_client_has_gone_is_asked_in_every_round() -> None:
    seen: list[float] = []

    with pytest.raises(ClientGoneError):
        await _look(lambda: len(seen) == 2, math.inf, [0.0, 1.0, 2.0, 3.0], seen)

    assert seen == [0.0, 1.0]


async def test_past_the_deadline_some_rounds_are_left_to_the_analyzer() -> None:
    seen: list[float] = []

    with pytest.raises(DeadlineExceededError):
        await _look(lambda: False, 1.0, [0.0, 0.9, *[1.0] * OVERTIME_ROUNDS], seen)

    assert seen == [0.0, 0.9, *[1.0] * (OVERTIME_ROUNDS - 1)]


def test_a_watch_that_fails_ends_its_own_request_and_the_others_are_looked_after() -> None:
    def fail() -> bool:
        raise ZeroDivisionError

    async def request(patrol: Patrol, client_gone: Callable[[], bool]) -> None:
        with Watch(_unasked, client_gone, ApiSettings().single, math.inf) as watch:
            watch.body_read(1.0)
            patrol.add(watch)
            await asyncio.Event().wait()

    async def main() -> list[BaseException | None]:
        patrol = Patrol(asyncio.get_running_loop().time)
        requests = (request(patrol, client_gone) for client_gone in (lambda: False, fail, lambda: False))
        return await asyncio.gather(*requests, return_exceptions=True)

    assert [type(error) for error in run_virtually(main())] == [
        DeadlineExceededError,
        ZeroDivisionError,
        DeadlineExceededError,
    ]
