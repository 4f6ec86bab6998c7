"""A cache in Redis, which replicas share."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from sentiment_core.metric_names import CACHE_FAILURES
from sentiment_core.ports import Clock, Metrics

TIMEOUT = 0.05
"""Seconds for connecting, and for each answer: a Redis beside the service takes a hundredth of that. Twice for all."""

PAUSE = 1.0
"""Seconds without a question after a failure, so that not every request waits for a Redis that is away."""

CONNECTIONS = 16

PREFIX = b"sentiment:"

T = TypeVar("T")

_log = logging.getLogger(__name__)


class RedisCache:
    """Entries under ``sentiment:KEY``, for ``ttl`` seconds, in the Redis at ``url`` (``redis://HOST:6379/0``).

    Connecting, and each answer, may take ``timeout`` seconds, and a call twice as long in all.

    ``rediss://`` and ``unix://`` are taken as well; redis-py describes them. Raises ValueError when ``url`` is no such
    thing. Nothing is connected before the first question.
    """

    def __init__(self, url: str, *, ttl: float, clock: Clock, metrics: Metrics, timeout: float = TIMEOUT) -> None:
        # By default redis-py repeats a call ten times, for seconds; a cache is not worth waiting for.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=timeout,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis.from_pool(pool)
        self._timeout = timeout
        self._ttl_ms = int(ttl * 1000)
        self._clock = clock
        self._metrics = metrics
        self._resume = -math.inf
        self._away = False

    async def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        if not keys:
            return []
        values = await self._attempt("read", lambda: self._read(keys))
        return [None] * len(keys) if values is None else values

    async def _read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        values = await self._redis.mget([PREFIX + key for key in keys])
        if not isinstance(values, list) or len(values) != len(keys):
            raise TypeError("The reply is none to the question.")
        return [value if isinstance(value, bytes) else None for value in values]

    async def set_many(self, values: Mapping[bytes, bytes]) -> None:
        if not values:
            return
        pipeline = self._redis.pipeline(transaction=False)
        for key, value in values.items():
            pipeline.set(PREFIX + key, value, px=self._ttl_ms)
        await self._attempt("write", pipeline.execute)

    async def _attempt(self, operation: str, command: Callable[[], Awaitable[T]]) -> T | None:
        if self._clock() < self._resume:
            return None
        try:
            async with asyncio.timeout(2 * self._timeout):
                result = await command()
        except Exception as error:  # redis-py has no common one: a broken reply may be a ValueError
            self._fail(operation, error)
            return None
        if self._away:
            _log.info("Redis is back.")
            self._away = False
        return result

    def _fail(self, operation: str, error: Exception) -> None:
        self._metrics.add(CACHE_FAILURES, 1, operation)
        self._resume = self._clock() + PAUSE
        if not self._away:
            _log.warning("Redis is away, so nothing is cached: %s %s", type(error).__name__, error)
            self._away = True

    async def aclose(self) -> None:
        await self._redis.aclose()
