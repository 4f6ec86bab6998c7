"""Our server's protocol, fed by hand; tests/integration/test_api_server.py has the real server."""

import asyncio
import gc
from typing import Any, cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from entrypoints.http_protocol import GuardedProtocol
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.testing import FakeAnalyzer
from sentiment_core.testing.metrics import RecordingMetrics
from tests.unit.entrypoints.api.support import Service

BODY = b'{"text":"a"}'
OURS = ("entrypoints", "sentiment_core", "uvicorn")


class Wire(asyncio.Transport):
    """Keeps what is written to it, piece by piece."""

    def __init__(self) -> None:
        super().__init__({"peername": ("203.0.113.7", 50_000), "sockname": ("203.0.113.8", 8_000)})
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = False

    def write(self, data: Any) -> None:
        self.pieces.put_nowait(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return


class Connection:
    """One to ``service``; ``send`` gives as many pieces as there are requests."""

    def __init__(self, service: Service) -> None:
        config = Config(cast("Any", service.app), lifespan="off", log_config=None)
        config.load()
        self.wire = Wire()
        self.protocol = GuardedProtocol(config, ServerState(), {}, metrics=service.metrics)
        self.protocol.connection_made(self.wire)

    async def send(self, *requests: bytes) -> list[bytes]:
        self.protocol.data_received(b"".join(requests))
        async with asyncio.timeout(10):
            return [await self.wire.pieces.get() for _ in requests]


def request(*lines: bytes, target: bytes = b"POST /analyze") -> bytes:
    head = [target + b" HTTP/1.1", b"host: test", b"content-type: application/json", *lines]
    return b"\r\n".join([*head, b"content-length: %d" % len(BODY), b"", BODY])


@pytest.fixture
def full() -> Service:
    return Service(AdmissionAnalyzer(FakeAnalyzer(), max_documents=0, metrics=RecordingMetrics()))


async def test_head_and_body_of_an_answer_are_one_piece() -> None:
    [piece] = await Connection(Service()).send(request())

    head, _, body = piece.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length: %d" % len(body) in head.splitlines()


async def test_a_refusal_is_one_piece_too(full: Service) -> None:
    [piece] = await Connection(full).send(request())

    assert piece.startswith(b"HTTP/1.1 503 ")


async def test_an_answer_to_head_has_no_body() -> None:
    connection = Connection(Service())

    [piece] = await connection.send(request(target=b"HEAD /nowhere"))
    [last] = await connection.send(request())

    assert piece.startswith(b"HTTP/1.1 404 ")
    assert piece.endswith(b"\r\n\r\n")
    assert last.startswith(b"HTTP/1.1 200 "), "nothing of the former answer came after its head"


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    ids = [b"x-request-id: %d" % number for number in range(5)]
    pieces = await Connection(Service()).send(*(request(line) for line in ids))

    assert [next(line for line in piece.splitlines() if line in ids) for piece in pieces] == ids


async def test_a_connection_is_kept_for_the_next_request_unless_the_caller_says_otherwise() -> None:
    connection = Connection(Service())

    [kept] = await connection.send(request())
    assert not connection.wire.closed
    [last] = await connection.send(request(b"connection: close"))
    assert connection.wire.closed
    assert b"connection: close" not in kept.splitlines()
    assert b"connection: close" in last.splitlines()


async def test_a_service_that_drains_closes_with_its_answer() -> None:
    service = Service()
    connection = Connection(service)
    service.app.drain()

    [piece] = await connection.send(request())

    assert piece.splitlines().count(b"connection: close") == 1
    assert connection.wire.closed


async def test_an_answer_waits_while_the_caller_does_not_read() -> None:
    connection = Connection(Service())
    connection.protocol.pause_writing()
    sending = asyncio.create_task(connection.send(request()))
    for _ in range(20):
        await asyncio.sleep(0)
    assert connection.wire.pieces.empty()

    connection.protocol.resume_writing()

    assert len(await sending) == 1


async def test_nothing_is_written_to_a_caller_who_has_gone() -> None:
    service = Service()
    connection = Connection(service)
    gone = asyncio.Event()

    async def leave() -> None:
        connection.protocol.connection_lost(None)
        gone.set()

    service.fake.before = leave
    connection.protocol.data_received(request())
    async with asyncio.timeout(10):
        await gone.wait()
    for _ in range(20):
        await asyncio.sleep(0)

    assert connection.wire.pieces.empty()


@pytest.mark.parametrize("refused", [False, True])
async def test_a_request_leaves_nothing_to_the_garbage_collector(full: Service, refused: bool) -> None:
    """An overloaded service would spend its time on collecting refusals, and hold up answers meanwhile."""
    connection = Connection(full if refused else Service())
    await connection.send(request())
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        await connection.send(request())
        await connection.send(request())
        gc.collect()
        left = [item for item in gc.garbage if type(item).__module__.startswith(OURS)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()

    assert not left
