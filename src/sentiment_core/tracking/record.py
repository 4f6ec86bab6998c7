"""The run of a command that takes minutes or hours, and goes on when the tracking store does not."""

import logging
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sentiment_core.ports import Clock, Tracker, TrackingError

PAUSE = 60.0
"""Seconds between two attempts to reach a store that is away: an attempt may take five."""

Entry = Callable[[Tracker], object]
"""Tells the tracker one thing."""

_log = logging.getLogger(__name__)


class RunRecord:
    """Hands entries to ``tracker`` in order, the first of which begins the run; without a tracker, to nobody.

    An entry that fails is kept with those that come after it, and tried again after PAUSE, so that nothing is lost
    while the store is away. At the end of the ``with`` block all are tried once more, each by itself, and the run is
    ended: as failed when the block was left by an exception. Nothing is raised on account of the store; a warning
    says when it goes away, and at the end what was not recorded.
    """

    def __init__(self, tracker: Tracker | None, clock: Clock = time.monotonic) -> None:
        self._tracker = tracker
        self._clock = clock
        self._waiting: deque[Entry] = deque()
        self._next_attempt = 0.0
        self._away = False

    def add(self, entry: Entry) -> None:
        """Hands the entry over, or keeps it for later."""
        self._waiting.append(entry)
        if not self._away or self._clock() >= self._next_attempt:
            self._hand_over()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._waiting.append(lambda tracker: tracker.end(failed=kind is not None))
        self._hand_over()
        lost = sum(not self._told(self._waiting.popleft()) for _ in range(len(self._waiting)))
        if lost:
            _log.warning("The tracking store did not take %d of this run's entries.", lost)

    def _hand_over(self) -> None:
        while self._waiting and self._told(self._waiting[0]):
            self._waiting.popleft()

    def _told(self, entry: Entry) -> bool:
        if self._tracker is None:
            return True
        try:
            entry(self._tracker)
        except (OSError, TrackingError) as error:
            if not self._away:
                _log.warning("The tracking store is away; this goes on without it: %s", error)
            self._away, self._next_attempt = True, self._clock() + PAUSE
            return False
        self._away = False
        return True
