"""A small HTTP client for load: closed loops where there is no wrk, and open loops, which wrk does not have.

In an open loop requests are sent when they are due, whether or not the former ones are answered, as many independent
callers do; times are counted from when a request was due.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Sequence
from itertools import cycle
from typing import TypeVar, cast
from urllib.parse import urlsplit

import uvloop
from msgspec import Struct

from bench.key import AUTHORIZATION
from bench.texts import BODIES

T = TypeVar("T")

LOST = 0
"""In place of a status: the connection was closed before there was an answer."""


class Answer(Struct, frozen=True):
    """``due`` is in seconds since the start of the load; ``lag`` is how much later the request was sent."""

    status: int
    due: float
    seconds: float
    lag: float = 0.0


class Connection(asyncio.Protocol):
    """One request at a time on one connection that is kept."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._status: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def alive(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def post(self, request: bytes) -> int:
        """The status of the answer, once it is there as a whole; LOST if it never is."""
        if self._transport is None or self._transport.is_closing():
            return LOST
        self._status = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._status

    def close(self) -> None:
        """Leaves, also in the middle of an answer."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and len(body) >= _content_length(bytes(head)):
            self._received.clear()
            self._settle(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(LOST)

    def _settle(self, status: int) -> None:
        if self._status is not None and not self._status.done():
            self._status.set_result(status)


class Pool:
    """Connections to one URL, opened when none is idle."""

    def __init__(self, url: str, bodies: Sequence[bytes] = BODIES) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        head += f"Authorization: {AUTHORIZATION}\r\n"
        self._requests = cycle([f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies])
        self._idle: list[Connection] = []

    async def post(self) -> int:
        """Sends the next of the bodies; the status of its answer."""
        connection = self._idle.pop() if self._idle else await self.connect()
        status = await self.ask(connection)
        if connection.alive:
            self._idle.append(connection)
        return status

    async def ask(self, connection: Connection) -> int:
        """The same, on a connection of the caller's own."""
        return await connection.post(next(self._requests))

    async def connect(self) -> Connection:
        """A connection that is not the pool's."""
        _, connection = await asyncio.get_running_loop().create_connection(Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        for connection in self._idle:
            connection.close()


def run(work: Callable[[], Coroutine[None, None, T]]) -> T:
    """Runs ``work`` on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


def closed(url: str, concurrency: int, seconds: float, bodies: Sequence[bytes] = BODIES) -> list[Answer]:
    """What so many callers got, each of whom sends its next request when the last is answered."""

    async def work() -> list[Answer]:
        pool, answers, start = Pool(url, bodies), list[Answer](), time.perf_counter()

        async def caller() -> None:
            while (due := time.perf_counter()) < start + seconds:
                status = await pool.post()
                answers.append(Answer(status, due - start, time.perf_counter() - due))

        callers = [asyncio.create_task(caller()) for _ in range(concurrency)]
        await asyncio.sleep(seconds)  # what is not answered by then does not count, as with wrk
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
        pool.close()
        return answers

    return run(work)


def open_loop(url: str, per_second: float, seconds: float) -> list[Answer]:
    """What became of requests that were due at even distances, in that order."""

    async def work() -> list[Answer]:
        pool, start = Pool(url), time.perf_counter()

        async def caller(due: float) -> Answer:
            lag = time.perf_counter() - start - due
            status = await pool.post()
            return Answer(status, due, time.perf_counter() - start - due, lag)

        callers = []
        for number in range(round(per_second * seconds)):
            due = number / per_second
            if (early := start + due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            callers.append(asyncio.create_task(caller(due)))
        answers = await asyncio.gather(*callers)
        pool.close()
        return answers

    return run(work)


def together(url: str, bodies: Sequence[bytes], patience_s: float) -> list[int]:
    """The statuses of requests that are sent at once, in their order; LOST for one not answered within the time."""

    async def work() -> list[int]:
        pool = Pool(url, bodies)
        connections = [await pool.connect() for _ in bodies]
        asking = [asyncio.create_task(pool.ask(connection)) for connection in connections]
        await asyncio.wait(asking, timeout=patience_s)
        for connection in connections:
            connection.close()
        return await asyncio.gather(*asking)

    return run(work)


def percentile(seconds: Sequence[float], share: float) -> float:
    """The least of ``seconds`` that ``share`` (0 to 1) of them do not exceed; infinity when there is none."""
    if not seconds:
        return math.inf
    return sorted(seconds)[max(0, math.ceil(share * len(seconds)) - 1)]


def _content_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0] or b"0")
