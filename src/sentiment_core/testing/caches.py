"""What every Cache must do: inherit CacheContract and say how to open yours."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from sentiment_core.ports import Cache

T = TypeVar("T")

KEYS = [bytes([number]) * 32 for number in range(256)]
AWKWARD = (b"", b"\x00", b"\r\n", b"$-1\r\n", bytes(range(256)), b"x" * 100_000)


class CacheContract:
    """Override ``open_cache`` and ``pass_time``; a test runner finds the rest."""

    ttl = 60.0
    """Seconds that the opened cache keeps a value."""

    def open_cache(self) -> AbstractAsyncContextManager[Cache]:
        """A fresh, empty cache, closed at the end of the block, with room for a megabyte."""
        raise AssertionError("override open_cache")

    async def pass_time(self, seconds: float) -> None:
        """Lets the cache's time pass."""
        raise AssertionError("override pass_time")

    def _run(self, use: Callable[[Cache], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.open_cache() as cache:
                return await use(cache)

        return asyncio.run(run())

    def test_what_was_set_is_given_in_the_order_of_the_keys(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({KEYS[0]: b"a", KEYS[1]: b"b"})
            await cache.set_many({KEYS[2]: b"c"})

            values = await cache.get_many([KEYS[2], KEYS[3], KEYS[0], KEYS[1], KEYS[2]])

            assert values == [b"c", None, b"a", b"b", b"c"]

        self._run(use)

    def test_any_key_and_any_value_can_be_kept(self) -> None:
        async def use(cache: Cache) -> None:
            wanted = dict(zip(KEYS, AWKWARD, strict=False)) | {key: key for key in KEYS[len(AWKWARD) :]}
            await cache.set_many(wanted)

            assert await cache.get_many(KEYS) == [wanted[key] for key in KEYS]

        self._run(use)

    def test_the_value_that_was_set_last_is_given(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({KEYS[0]: b"first"})
            await cache.set_many({KEYS[0]: b"last"})

            assert await cache.get_many([KEYS[0]]) == [b"last"]

        self._run(use)

    def test_a_value_is_gone_when_its_time_is_up_and_not_before(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({KEYS[0]: b"old"})
            await self.pass_time(self.ttl / 2)
            await cache.set_many({KEYS[1]: b"young"})
            assert await cache.get_many(KEYS[:2]) == [b"old", b"young"]
            await self.pass_time(self.ttl * 0.6)

            assert await cache.get_many(KEYS[:2]) == [None, b"young"]

        self._run(use)

    def test_setting_a_value_again_gives_it_its_whole_time_again(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({KEYS[0]: b"old"})
            await self.pass_time(self.ttl / 2)
            await cache.set_many({KEYS[0]: b"new"})
            await self.pass_time(self.ttl * 0.6)

            assert await cache.get_many([KEYS[0]]) == [b"new"]

        self._run(use)

    def test_no_keys_give_no_values_and_nothing_can_be_set(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({})

            assert await cache.get_many([]) == []

        self._run(use)

    def test_concurrent_calls_do_not_mix_their_values(self) -> None:
        async def use(cache: Cache) -> None:
            await asyncio.gather(*(cache.set_many({key: key}) for key in KEYS))

            values = await asyncio.gather(*(cache.get_many([key]) for key in KEYS))

            assert values == [[key] for key in KEYS]

        self._run(use)

    def test_it_closes_twice_without_harm(self) -> None:
        async def use(cache: Cache) -> None:
            await cache.set_many({KEYS[0]: b"a"})
            await cache.aclose()
            await cache.aclose()

        self._run(use)
