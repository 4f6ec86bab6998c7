"""The caches, each by the contract of the port."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from adapters.caches.memory import MemoryCache
from adapters.caches.redis import RedisCache
from sentiment_core.ports import Cache
from sentiment_core.testing import CacheContract, ManualClock, RecordingMetrics
from tests.standins.redis import RedisServer, redis_server


class TestMemoryCache(CacheContract):
    @asynccontextmanager
    async def open_cache(self) -> AsyncIterator[Cache]:
        self.clock = ManualClock()
        cache = MemoryCache(max_bytes=1_000_000, ttl=self.ttl, clock=self.clock, metrics=RecordingMetrics())
        yield cache
        await cache.aclose()

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)


class TestRedisCache(CacheContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: RedisServer) -> None:
        server.forget()
        self.server = server

    @asynccontextmanager
    async def open_cache(self) -> AsyncIterator[Cache]:
        cache = redis_cache(self.server, ttl=self.ttl)
        yield cache
        await cache.aclose()

    async def pass_time(self, seconds: float) -> None:
        self.server.pass_time(seconds)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


def redis_cache(server: RedisServer, ttl: float) -> RedisCache:
    """With more patience than the service has, since tests share their machine."""
    return RedisCache(server.url, ttl=ttl, clock=time.monotonic, metrics=RecordingMetrics(), timeout=30)
