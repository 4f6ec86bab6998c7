"""A cache in this process's memory."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from sentiment_core.metric_names import CACHE_ENTRIES
from sentiment_core.ports import Clock, Metrics

ENTRY_BYTES = 300
"""What Python takes for an entry besides its key and value; measured, rounded up."""


class MemoryCache:
    """Keeps entries for ``ttl`` seconds, in at most ``max_bytes`` bytes: what was used longest ago goes first."""

    def __init__(self, *, max_bytes: int, ttl: float, clock: Clock, metrics: Metrics) -> None:
        self._free = max_bytes
        self._ttl = ttl
        self._clock = clock
        self._metrics = metrics
        self._entries: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()

    async def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        now = self._clock()
        return [self._get(key, now) for key in keys]

    def _get(self, key: bytes, now: float) -> bytes | None:
        end, value = self._entries.get(key, (now, None))
        if end <= now:
            return None
        self._entries.move_to_end(key)
        return value

    async def set_many(self, values: Mapping[bytes, bytes]) -> None:
        end = self._clock() + self._ttl
        for key, value in values.items():
            self._remove(key)
            self._entries[key] = end, value
            self._free -= _size(key, value)
        while self._free < 0:
            self._remove(next(iter(self._entries)))
        self._metrics.set(CACHE_ENTRIES, len(self._entries))

    def _remove(self, key: bytes) -> None:
        if entry := self._entries.pop(key, None):
            self._free += _size(key, entry[1])

    async def aclose(self) -> None:
        self._entries.clear()


def _size(key: bytes, value: bytes) -> int:
    return len(key) + len(value) + ENTRY_BYTES
