"""How long the upstream takes lately."""

import math
from collections import deque


class RecentTimes:
    """The last ``size`` calls, in seconds. Exact, and asked only before a retry, so that sorting them is cheap."""

    def __init__(self, size: int = 100) -> None:
        self._seconds: deque[float] = deque(maxlen=size)

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)

    @property
    def p95(self) -> float:
        """Seconds within which 95 % of them were over; 0 when there were none."""
        ranked = sorted(self._seconds)
        return ranked[math.ceil(0.95 * len(ranked)) - 1] if ranked else 0.0
