"""A Redis that is gone, frozen, restarted or none at all is a miss, never an error, and then right again."""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import AsyncIterator, Callable

import pytest

from adapters.caches.redis import PAUSE, RedisCache
from sentiment_core.metric_names import CACHE_FAILURES
from sentiment_core.models import Document, Options
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.testing import FakeAnalyzer, ManualClock, RecordingMetrics
from tests.standins.redis import RedisServer

KEYS = [bytes([number]) * 32 for number in range(64)]
VALUES = {key: key * 3 for key in KEYS}


class Client:
    """A cache whose pauses end when the test says so; its own patience is that of the service."""

    def __init__(self, url: str) -> None:
        self.clock = ManualClock()
        self.metrics = RecordingMetrics()
        self.cache = RedisCache(url, ttl=600, clock=self.clock, metrics=self.metrics)

    async def get(self, *keys: bytes) -> list[bytes | None]:
        return await self.cache.get_many(keys)

    def end_pause(self) -> None:
        self.clock.advance(PAUSE)

    def failures(self) -> float:
        return self.metrics.value(CACHE_FAILURES, "read") + self.metrics.value(CACHE_FAILURES, "write")

    async def wait_until_right(self) -> None:
        """Until it keeps and gives again; a busy machine may need several attempts."""
        for _ in range(200):
            self.end_pause()
            await self.cache.set_many(VALUES)
            if await self.get(*KEYS) == list(VALUES.values()):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("The cache does not come back.")


@pytest.fixture
async def client(server: RedisServer) -> Client:
    client = Client(server.url)
    await client.wait_until_right()
    return client


async def test_a_server_that_is_gone_is_a_miss_and_right_again_when_it_is_back(
    server: RedisServer, client: Client
) -> None:
    server.kill()
    assert await client.get(KEYS[0]) == [None]
    server.start()
    client.end_pause()
    assert await client.get(KEYS[0]) == [None]

    await client.wait_until_right()
    await client.cache.aclose()


async def test_a_frozen_server_is_a_miss_and_no_answer_is_mixed_up_afterwards(
    server: RedisServer, client: Client
) -> None:
    """The answers to questions that were given up arrive late, on connections that must not be used again."""
    server.freeze()
    frozen = await asyncio.gather(*(client.get(key) for key in KEYS))
    assert frozen == [[None]] * len(KEYS)
    server.thaw()
    client.end_pause()

    for key, [value] in zip(KEYS, await asyncio.gather(*(client.get(key) for key in KEYS)), strict=True):
        assert value in (None, VALUES[key])
    await client.wait_until_right()
    await client.cache.aclose()


async def test_after_a_failure_the_server_is_not_asked_until_the_pause_is_over(
    server: RedisServer, client: Client
) -> None:
    server.kill()
    before = client.failures()
    for _ in range(100):
        await client.get(KEYS[0])
        await client.cache.set_many({KEYS[0]: b""})
    assert client.failures() == before + 1

    client.end_pause()
    await client.cache.set_many({KEYS[0]: b""})
    await client.get(KEYS[0])

    assert client.failures() == before + 2
    await client.cache.aclose()


async def test_its_absence_and_its_return_are_logged_once(
    server: RedisServer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "adapters.caches.redis")
    caplog.clear()
    server.kill()
    for _ in range(3):
        await client.get(KEYS[0])
        client.end_pause()
    assert [record.message.partition(":")[0] for record in caplog.records] == ["Redis is away, so nothing is cached"]

    server.start()
    await client.wait_until_right()

    assert "Redis is back." in caplog.messages
    await client.cache.aclose()


@contextlib.asynccontextmanager
async def answering(
    reply: Callable[[bytes], bytes], *, hangs_up: bool = False
) -> AsyncIterator[tuple[Client, list[bytes]]]:
    """A client of a server that gives ``reply`` to whatever it reads, and all that was read, by connection."""
    heard: list[bytes] = []
    connections: list[asyncio.Task[None] | None] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(heard)
        heard.append(b"")
        connections.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while asked := await reader.read(10_000):
                heard[number] += asked
                writer.write(reply(asked))
                if hangs_up:
                    break
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        client = Client(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            yield client, heard
        finally:
            await client.cache.aclose()
            await asyncio.wait([connection for connection in connections if connection])


NOISE = {
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "ok": b"+OK\r\n" * 9,
    "number": b":5\r\n" * 9,
    "bad length": b"$abc\r\n",
    "noise": b"\xff" * 99,
}


@pytest.mark.parametrize("reply", NOISE.values(), ids=NOISE)
async def test_what_is_no_redis_is_a_miss(reply: bytes) -> None:
    async with answering(lambda _: reply) as (client, _):
        assert await client.get(*KEYS[:2]) == [None, None]
        client.end_pause()
        await client.cache.set_many(VALUES)

        assert client.failures() == 2


async def test_values_that_are_not_as_many_as_the_keys_are_a_miss() -> None:
    def reply(asked: bytes) -> bytes:
        greeting = b"%1\r\n$5\r\nproto\r\n:3\r\n" * asked.count(b"HELLO") + b"+OK\r\n" * asked.count(b"CLIENT")
        return greeting + b"*1\r\n$1\r\na\r\n" * asked.count(b"MGET")

    async with answering(reply) as (client, heard):
        assert await client.get(*KEYS[:2]) == [None, None]

        assert client.failures() == 1
        assert b"MGET" in heard[0]


async def test_what_failed_is_not_tried_again() -> None:
    """redis-py would, ten times, while a caller waits."""
    async with answering(lambda _: b"", hangs_up=True) as (client, heard):
        assert await client.get(KEYS[0]) == [None]

        assert len(heard) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_every_document_is_answered_rightly_whatever_happens_to_the_server(
    server: RedisServer, seed: int
) -> None:
    documents = [Document(f"Text {number}") for number in range(40)]
    choice = random.Random(seed)
    metrics = RecordingMetrics()
    never_pausing = itertools.count(0, PAUSE).__next__
    cache = RedisCache(server.url, ttl=600, clock=never_pausing, metrics=metrics)
    analyzer = CachingAnalyzer(FakeAnalyzer(), cache, clock=time.monotonic, metrics=metrics)
    expected = dict(zip(documents, await FakeAnalyzer().analyze(documents, Options()), strict=True))

    for happening in (lambda: None, server.freeze, server.thaw, server.kill, server.start, lambda: None):
        load = [[choice.choice(documents) for _ in range(choice.randint(1, 5))] for _ in range(50)]
        calls = [asyncio.create_task(analyzer.analyze(part, Options())) for part in load]
        await asyncio.sleep(0)
        await asyncio.to_thread(happening)

        for part, outcomes in zip(load, await asyncio.gather(*calls), strict=True):
            assert outcomes == [expected[document] for document in part]
    assert metrics.value(CACHE_FAILURES, "read") > 0
    await analyzer.aclose()


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="redis://"):
        Client("localhost:6379")
