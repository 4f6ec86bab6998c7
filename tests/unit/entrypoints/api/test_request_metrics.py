import asyncio

from sentiment_core.metric_names import ACTIVE_REQUESTS, REQUEST_COUNT, REQUEST_LATENCY_SECONDS
from sentiment_core.testing import FakeAnalyzer, ManualClock
from tests.unit.entrypoints.api.support import Exchange, Held, Service, body

TEXT = b'{"text": "a"}'


async def test_requests_are_counted_by_route_and_status_and_measured_by_route() -> None:
    clock = ManualClock()

    async def take_two_seconds() -> None:
        clock.advance(2)

    service = Service(FakeAnalyzer(before=take_two_seconds), clock=clock)

    await service.post("/analyze", {"text": "a"})
    await service.post("/analyze", b"{")
    await service.post("/analyze", {"text": "a"}, content_encoding="gzip")

    assert service.metrics.value(REQUEST_COUNT, "/analyze", "200") == 1
    assert service.metrics.value(REQUEST_COUNT, "/analyze", "400") == 1
    assert service.metrics.value(REQUEST_COUNT, "/analyze", "415") == 1
    assert service.metrics.observations(REQUEST_LATENCY_SECONDS, "/analyze") == [2, 0, 0]


async def test_unknown_paths_are_one_route_in_metrics() -> None:
    service = Service()

    for number in range(50):
        await service.request("POST", f"/nowhere/{number}", headers={"content-encoding": "gzip"} if number % 2 else {})
    await service.request("GET", "/schema/static/no-such-file")

    series = service.metrics.labels(REQUEST_COUNT)
    counted = {route for route, status in series if service.metrics.value(REQUEST_COUNT, route, status)}
    assert counted == {"other", "/schema/static/{file_path}"}


async def test_active_requests_are_those_under_way() -> None:
    held = Held()
    service = Service(FakeAnalyzer(before=held))
    running = asyncio.create_task(Exchange(service.app, [body(TEXT)]).run())
    await held.started.wait()

    during = service.metrics.value(ACTIVE_REQUESTS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert (during, service.metrics.value(ACTIVE_REQUESTS)) == (1, 0)
