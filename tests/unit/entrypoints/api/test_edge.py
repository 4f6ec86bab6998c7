import asyncio
import time

import pytest

from entrypoints.api.settings import ApiSettings
from sentiment_core.errors import DeadlineExceededError
from sentiment_core.metric_names import ACTIVE_REQUESTS, ERROR_COUNT, REQUEST_COUNT, REQUEST_LATENCY_SECONDS
from sentiment_core.testing import FakeAnalyzer, ManualClock
from tests.unit.entrypoints.api.support import DISCONNECT, JSON, Exchange, Service, body, code_of

TEXT = b'{"text": "a"}'


class Held:
    """A ``before`` for FakeAnalyzer that holds every call, and tells whether it was cancelled."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = False

    async def __call__(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@pytest.mark.parametrize("given", ["a", "checkout-17.2_b", "x" * 64])
async def test_a_well_formed_request_id_is_taken_over(given: str) -> None:
    response = await Service().post("/analyze", {"text": "a"}, x_request_id=given)

    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "é", "<script>", 'a"b', "a%0d%0ab"])
async def test_a_malformed_request_id_is_replaced(given: str) -> None:
    response = await Service().request("GET", "/health", headers=[("x-request-id", given.encode("latin-1"))])

    assert len(response.headers["x-request-id"]) == 16
    assert response.headers["x-request-id"] != given


async def test_two_requests_have_two_ids() -> None:
    service = Service()

    ids = {(await service.request("GET", "/health")).headers["x-request-id"] for _ in range(10)}

    assert len(ids) == 10


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/analyze"), ("GET", "/health"), ("GET", "/nowhere"), ("GET", "/")]
)
async def test_every_answer_of_the_api_has_the_security_headers(method: str, path: str) -> None:
    response = await Service().request(method, path)

    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, identity", "x" * 100])
async def test_a_compressed_body_is_415_and_is_not_even_read(encoding: str) -> None:
    exchange = Exchange(Service().app, [body(b"\x1f\x8b")])

    await exchange.run([*JSON, (b"content-encoding", encoding.encode())])

    assert exchange.status == 415
    assert exchange.inbox.qsize() == 1


async def test_identity_is_no_compression() -> None:
    assert (await Service().post("/analyze", {"text": "a"}, content_encoding="Identity")).status_code == 200


async def test_a_body_that_announces_too_much_is_refused_unread_and_the_connection_closed() -> None:
    exchange = Exchange(Service().app, [body(b"x")])

    await exchange.run([*JSON, (b"content-length", b"1000001")])

    assert exchange.status == 413
    assert exchange.headers[b"connection"] == b"close"
    assert exchange.inbox.qsize() == 1


async def test_a_chunked_body_is_refused_at_the_chunk_that_is_too_much() -> None:
    chunks = [body(b"x" * 400_000, more=True) for _ in range(100)]
    exchange = Exchange(Service().app, chunks)

    await exchange.run()

    assert exchange.status == 413
    assert exchange.inbox.qsize() == 97


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    service = Service(settings=ApiSettings(max_body_bytes=len(TEXT)))

    assert (await service.post("/analyze", TEXT)).status_code == 200
    assert (await service.post("/analyze", TEXT + b" ")).status_code == 413


async def test_a_body_in_many_chunks_is_put_together() -> None:
    chunks = [body(TEXT[index : index + 1], more=True) for index in range(len(TEXT))]
    exchange = Exchange(Service().app, [*chunks, body(b"")])

    await exchange.run()

    assert exchange.status == 200


@pytest.mark.parametrize("length", [b"-1", b"+5", b"abc", b"", b"5, 5", b"0x5"])
async def test_a_length_that_is_no_number_is_400(length: bytes) -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, (b"content-length", length)])

    assert exchange.status == 400
    assert b"invalid_framing" in exchange.body


async def test_a_length_beside_a_transfer_encoding_is_400() -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, (b"content-length", b"13"), (b"transfer-encoding", b"chunked")])

    assert exchange.status == 400


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-%d" % number, b"1") for number in range(200)],
        [(b"x", b"1")] * 200,
        [(b"x", b"y" * 65_536)],
        [(b"x" * 65_536, b"y")],
        [(b"x", b"y" * 10_000)] * 5,
    ],
    ids=["many", "many of one name", "large value", "large name", "large together"],
)
async def test_too_many_or_too_large_headers_are_431(headers: list[tuple[bytes, bytes]]) -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, *headers])

    assert exchange.status == 431


async def test_a_body_that_does_not_come_is_408() -> None:
    service = Service(settings=ApiSettings(body_timeout_s=0.02))
    exchange = Exchange(service.app, [body(b'{"te', more=True)])

    await exchange.run()

    assert exchange.status == 408
    assert exchange.headers[b"connection"] == b"close"
    assert service.metrics.value(ERROR_COUNT, "body_timeout") == 1


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

    assert {route for route, _ in service.metrics.labels(REQUEST_COUNT)} == {"other", "/schema/static/{file_path}"}


async def test_active_requests_are_those_under_way() -> None:
    held = Held()
    service = Service(FakeAnalyzer(before=held))
    running = asyncio.create_task(Exchange(service.app, [body(TEXT)]).run())
    await held.started.wait()

    during = service.metrics.value(ACTIVE_REQUESTS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert (during, service.metrics.value(ACTIVE_REQUESTS)) == (1, 0)


async def test_a_draining_service_serves_on_but_is_not_ready_and_closes_connections() -> None:
    service = Service()
    assert (await service.request("GET", "/health/ready")).status_code == 200

    service.app.drain()

    ready = await service.request("GET", "/health/ready")
    answer = await service.post("/analyze", {"text": "a"})
    assert (ready.status_code, code_of(ready)) == (503, "shutting_down")
    assert "retry-after" in ready.headers
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
