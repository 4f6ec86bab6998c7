"""How long the upstream takes lately."""

import math
from bisect import bisect_left, insort
from collections import deque


class RecentTimes:
    """The last ``size`` calls, in seconds. Exact; they are kept in order, since each call asks."""

    def __init__(self, size: int = 100) -> None:
        self._size = size
        self._seconds: deque[float] = deque()
        self._ranked: list[float] = []

    def add(self, seconds: float) -> None:
        if len(self._seconds) == self._size:
            del self._ranked[bisect_left(self._ranked, self._seconds.popleft())]
        self._seconds.append(seconds)
        insort(self._ranked, seconds)

    @property
    def p95(self) -> float:
        """Seconds within which 95 % of them were over; 0 when there were none."""
        return self._ranked[math.ceil(0.95 * len(self._ranked)) - 1] if self._ranked else 0.0
