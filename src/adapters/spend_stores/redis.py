"""Spending kept in Redis, common to all replicas."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from sentiment_core.ports import SpendStoreError

TIMEOUT = 1.0
"""Seconds for connecting, and for an answer. No request waits for them."""

DAYS_KEPT = 40
"""For looking back over a month's spending."""

PREFIX = "sentiment:spent:"


class RedisSpendStore:
    """A counter ``sentiment:spent:2026-11-25`` for each day, in the Redis at ``url`` (``redis://HOST:6379/0``).

    Raises ValueError when ``url`` is no address of a Redis. Nothing is connected before the first question.
    """

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        # redis-py repeats a call by default, and a repeated addition may count twice.
        self._redis = Redis.from_url(
            url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0)
        )
        self._timeout = timeout

    async def add(self, day: str, microdollars: int) -> int:
        try:
            async with asyncio.timeout(2 * self._timeout):
                return await self._add(PREFIX + day, microdollars)
        except Exception as error:  # redis-py has no common one: a broken reply may be a ValueError
            raise SpendStoreError(f"Redis cannot be used: {type(error).__name__} {error}") from error

    async def _add(self, key: str, microdollars: int) -> int:
        if not microdollars:
            return int(await self._redis.get(key) or 0)
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.incrby(key, microdollars)
            pipeline.expire(key, DAYS_KEPT * 86_400)
            total, _ = await pipeline.execute()
        return int(total)

    async def aclose(self) -> None:
        await self._redis.aclose()
