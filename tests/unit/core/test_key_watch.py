"""A revoked key is refused, and a new one taken, within a second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from sentiment_core.key_watch import INTERVAL, KeyWatch
from sentiment_core.keys import ApiKey, KeyRing, Scope
from sentiment_core.metric_names import KEY_STORE_FAILURES
from sentiment_core.testing import InMemoryKeyStore, RecordingMetrics

KEY = ApiKey("aaaaaaaa", "shop", bytes(32), frozenset({Scope.ANALYZE}), 0.0)


class Rounds:
    """A ``sleep`` that ends when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._go = asyncio.Semaphore(0)
        self._waiting = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._waiting.release()
        await self._go.acquire()

    async def next(self) -> None:
        """Lets one round pass."""
        self._go.release()
        await self._waiting.acquire()

    async def begin(self) -> None:
        await self._waiting.acquire()


async def watched(store: InMemoryKeyStore, use: Callable[[Rounds, KeyRing, RecordingMetrics], Awaitable[None]]) -> None:
    rounds, ring, metrics = Rounds(), KeyRing(b"", store.read()), RecordingMetrics()
    watch = KeyWatch(store, ring, metrics, sleep=rounds)
    watch.start()
    await rounds.begin()
    await use(rounds, ring, metrics)
    await watch.stop()


def test_the_store_is_read_often_enough_for_a_revocation_within_a_second() -> None:
    assert INTERVAL <= 0.5


async def test_what_changes_in_the_store_changes_in_the_ring() -> None:
    """Row 69."""
    store = InMemoryKeyStore({KEY.id: KEY})

    async def use(rounds: Rounds, ring: KeyRing, _: RecordingMetrics) -> None:
        assert ring.usable(1.0) == 1
        store.revoke(KEY.id)
        await rounds.next()
        assert ring.usable(1.0) == 0
        assert rounds.asked == [INTERVAL] * 2

    await watched(store, use)


async def test_a_store_that_is_away_leaves_the_keys_as_they_are_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = InMemoryKeyStore({KEY.id: KEY})

    async def use(rounds: Rounds, ring: KeyRing, metrics: RecordingMetrics) -> None:
        store.away = True
        await rounds.next()
        await rounds.next()
        assert ring.usable(1.0) == 1
        assert metrics.value(KEY_STORE_FAILURES) == 2
        store.away = False
        store.revoke(KEY.id)
        await rounds.next()
        assert ring.usable(1.0) == 0

    with caplog.at_level(logging.WARNING):
        await watched(store, use)
    assert len(caplog.records) == 1


async def test_a_watch_that_never_began_can_be_stopped() -> None:
    await KeyWatch(InMemoryKeyStore(), KeyRing(b""), RecordingMetrics(), sleep=Rounds()).stop()
