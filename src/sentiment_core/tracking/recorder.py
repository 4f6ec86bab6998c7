"""Hands the window's figures to the tracker from time to time."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event, Thread
from typing import Protocol

from sentiment_core.metric_names import TRACKING_FAILURES
from sentiment_core.ports import Metrics, Tracker, TrackingError

GRACE = 2.0
"""Seconds that ``stop`` waits for the last figures to be recorded."""

_log = logging.getLogger(__name__)


class Window(Protocol):
    """What adds up between two points of a run."""

    def take(self) -> Mapping[str, float]:
        """The figures since the last ``take``, by name; called on the recorder's thread."""
        ...


class TrackingRecorder:
    """One run from ``start`` to ``stop``, with the window's figures every ``interval`` seconds.

    Everything that may block is done on one thread. A store that is away costs a warning when its absence is noticed
    and a count for each attempt, and loses the figures of those windows; the run begins when the store is back. A
    file that cannot be kept costs a warning and a count. A store that hangs holds up that thread only: the window's
    memory is bounded, and ``stop`` leaves the thread behind.
    ``on_begun`` is called, on that thread, after the first attempt to begin: what tracking needs is loaded by then.
    ``wait`` is given the event that ends the waiting and the seconds to wait; it says whether the event came.
    """

    def __init__(
        self,
        tracker: Tracker,
        window: Window,
        metrics: Metrics,
        *,
        interval: float = 60.0,
        on_begun: Callable[[], object] = lambda: None,
        wait: Callable[[Event, float], bool] = Event.wait,
    ) -> None:
        self._tracker = tracker
        self._window = window
        self._metrics = metrics
        self._interval = interval
        self._on_begun = on_begun
        self._wait = wait
        self._stopping = Event()
        self._thread: Thread | None = None
        self._running = False
        self._away = False
        self._step = 0

    def start(self, name: str, parameters: Mapping[str, str], files: Mapping[str, str]) -> None:
        """Begins the run in the background: returns at once. To be called when the service is ready, once.

        ``files`` are texts that the run is to keep, by the name of the file.
        """
        # A daemon, because Python waits at its end for any other thread, also for one that hangs.
        self._thread = Thread(target=self._record, args=(name, parameters, files), name="tracking", daemon=True)
        self._thread.start()

    async def stop(self, grace: float = GRACE) -> None:
        """Records what is left and ends the run, or gives up after ``grace`` seconds."""
        if self._thread is None:
            return
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, grace)
        if self._thread.is_alive():
            _log.warning("The tracking store hangs: the last figures are lost.")

    def _record(self, name: str, parameters: Mapping[str, str], files: Mapping[str, str]) -> None:
        begin = partial(self._begin, name, parameters, files)
        self._attempt(begin)
        self._on_begun()
        while not self._wait(self._stopping, self._interval):
            self._attempt(partial(self._hand_over, begin))
        self._attempt(partial(self._hand_over, begin))
        if self._running:
            self._attempt(self._tracker.end)

    def _begin(self, name: str, parameters: Mapping[str, str], files: Mapping[str, str]) -> None:
        if not self._running:
            self._tracker.start(name, parameters)
            self._running = True
            for file, text in files.items():
                self._attach(file, text)

    def _attach(self, name: str, text: str) -> None:
        """Files may be kept elsewhere than figures, in a place that is away by itself: that spoils the figures not."""
        try:
            self._tracker.attach(name, text)
        except (OSError, TrackingError) as error:
            self._metrics.add(TRACKING_FAILURES, 1)
            _log.warning("The tracking store keeps no %s: %s", name, error)

    def _hand_over(self, begin: Callable[[], None]) -> None:
        figures = self._window.take()
        begin()
        if figures:
            self._tracker.log(figures, self._step)
            self._step += 1

    def _attempt(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (OSError, TrackingError) as error:
            self._metrics.add(TRACKING_FAILURES, 1)
            if not self._away:
                _log.warning("The tracking store is away, figures are lost until it is back: %s", error)
            self._away = True
        else:
            if self._away:
                _log.info("The tracking store is back.")
            self._away = False
