"""Percentiles of durations in bounded memory."""

import math
from bisect import bisect_left
from collections import Counter

GROWTH = 1.05
"""A percentile is never below the true one, and above it by less than this factor."""

SHORTEST, LONGEST = 1e-6, 1e4
"""Seconds. What lies outside counts as the nearer of the two."""

_BOUNDS = [
    *(SHORTEST * GROWTH**step for step in range(math.floor(math.log(LONGEST / SHORTEST, GROWTH)) + 1)),
    LONGEST,
]
"""The upper bounds of the buckets, 473 of them."""


class Durations:
    """Counts of seconds in buckets of which each is wider than the last by GROWTH.

    Against a random sample it needs no chance, and its error is known beforehand, for the 99th percentile as well.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(_BOUNDS, seconds, hi=len(_BOUNDS) - 1)] += 1

    def percentile(self, share: float) -> float:
        """Seconds within which ``share`` (0 to 1) of the durations lie: the upper bound of the bucket. 0 if none."""
        rank = share * self._counts.total()
        for bucket in sorted(self._counts):
            rank -= self._counts[bucket]
            if rank <= 0:
                return _BOUNDS[bucket]
        return 0.0
