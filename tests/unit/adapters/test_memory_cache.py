"""Which entries the cache in memory gives up. That it agrees with others otherwise is in integration/caches."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from adapters.caches.memory import ENTRY_BYTES, MemoryCache
from sentiment_core.metric_names import CACHE_ENTRIES
from sentiment_core.testing import ManualClock, RecordingMetrics

ROOM = 3
KEYS = [bytes([number]) * 32 for number in range(8)]
VALUE = b"v" * 10


def cache(room: int = ROOM) -> tuple[MemoryCache, RecordingMetrics]:
    """One with room for so many entries of KEYS and VALUE."""
    metrics = RecordingMetrics()
    max_bytes = room * (32 + len(VALUE) + ENTRY_BYTES)
    return MemoryCache(max_bytes=max_bytes, ttl=60.0, clock=ManualClock(), metrics=metrics), metrics


async def kept(memory: MemoryCache) -> list[bytes]:
    return [key for key, value in zip(KEYS, await memory.get_many(KEYS), strict=True) if value is not None]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(KEYS)), max_size=40))
def test_the_entries_that_were_used_last_are_kept_and_no_others(uses: list[tuple[bool, bytes]]) -> None:
    async def use() -> list[bytes]:
        memory, _ = cache()
        for write, key in uses:
            await (memory.set_many({key: VALUE}) if write else memory.get_many([key]))
        return await kept(memory)

    recent: list[bytes] = []
    for write, key in uses:
        if write or key in recent:
            recent = [*(other for other in recent if other != key), key][-ROOM:]

    assert asyncio.run(use()) == sorted(recent)


async def test_a_large_value_takes_the_room_of_several() -> None:
    memory, _ = cache()
    await memory.set_many(dict.fromkeys(KEYS[:3], VALUE))
    await memory.set_many({KEYS[3]: VALUE + b"x" * (32 + len(VALUE) + ENTRY_BYTES)})

    assert await kept(memory) == [KEYS[2], KEYS[3]]


async def test_a_value_larger_than_all_the_room_is_not_kept() -> None:
    memory, metrics = cache()
    await memory.set_many({KEYS[0]: b"x" * 10_000})

    assert await kept(memory) == []
    assert metrics.value(CACHE_ENTRIES) == 0


async def test_the_room_of_what_was_replaced_is_free_again() -> None:
    memory, _ = cache()
    for _ in range(100):
        await memory.set_many({KEYS[0]: VALUE})
    await memory.set_many(dict.fromkeys(KEYS[1:3], VALUE))

    assert await kept(memory) == KEYS[:3]


async def test_the_entries_are_a_metric() -> None:
    memory, metrics = cache()
    for key in KEYS[:2]:
        await memory.set_many({key: VALUE})
    assert metrics.value(CACHE_ENTRIES) == 2
    await memory.set_many(dict.fromkeys(KEYS, VALUE))
    assert metrics.value(CACHE_ENTRIES) == ROOM
