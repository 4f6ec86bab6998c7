"""InMemorySpendStore, and what every SpendStore must do: inherit SpendStoreContract and say how to open yours."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from sentiment_core.ports import SpendStore, SpendStoreError

T = TypeVar("T")


class InMemorySpendStore:
    """Keeps sums by day in ``sums``. While ``away`` is True, every addition raises SpendStoreError."""

    def __init__(self, sums: dict[str, int] | None = None) -> None:
        self.sums = {} if sums is None else sums
        self.away = False
        self.closed = False

    async def add(self, day: str, microdollars: int) -> int:
        if self.away:
            raise SpendStoreError("The store is away.")
        self.sums[day] = self.sums.get(day, 0) + microdollars
        return self.sums[day]

    async def aclose(self) -> None:
        self.closed = True


class SpendStoreContract:
    """A test class of yours inherits it and overrides ``open_store``; a test runner finds the rest."""

    def open_store(self) -> AbstractAsyncContextManager[SpendStore]:
        """One that is closed at the end of the block; within a test all of them share what they keep."""
        raise AssertionError("override open_store")

    def _run(self, use: Callable[[SpendStore], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.open_store() as store:
                return await use(store)

        return asyncio.run(run())

    def test_a_day_has_nothing_until_something_is_added(self) -> None:
        assert self._run(lambda store: store.add("2026-11-25", 0)) == 0

    def test_additions_give_the_sum_so_far_and_reading_adds_nothing(self) -> None:
        async def use(store: SpendStore) -> list[int]:
            return [await store.add("2026-11-25", amount) for amount in (300, 0, 5_000_000_000_000, 0, 1)]

        assert self._run(use) == [300, 300, 5_000_000_000_300, 5_000_000_000_300, 5_000_000_000_301]

    def test_days_are_apart(self) -> None:
        async def use(store: SpendStore) -> list[int]:
            return [await store.add(day, 7) for day in ("2026-11-25", "2026-11-26", "2026-11-25")]

        assert self._run(use) == [7, 7, 14]

    def test_what_was_added_outlives_the_one_who_added_it(self) -> None:
        self._run(lambda store: store.add("2026-11-25", 300))

        assert self._run(lambda store: store.add("2026-11-25", 0)) == 300

    def test_additions_at_the_same_time_all_count(self) -> None:
        async def use(store: SpendStore) -> int:
            async with self.open_store() as other:
                await asyncio.gather(*(one.add("2026-11-25", 3) for one in (store, other) for _ in range(20)))
                return await other.add("2026-11-25", 0)

        assert self._run(use) == 120

    def test_it_closes_twice_without_harm(self) -> None:
        async def use(store: SpendStore) -> None:
            await store.add("2026-11-25", 1)
            await store.aclose()
            await store.aclose()

        self._run(use)
