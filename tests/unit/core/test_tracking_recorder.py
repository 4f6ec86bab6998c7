"""When the recorder hands figures over, and what it does when the store is away or hangs."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from threading import Event, current_thread

import pytest

from sentiment_core.metric_names import TRACKING_FAILURES
from sentiment_core.ports import TrackingError
from sentiment_core.testing import fake_analysis
from sentiment_core.testing.metrics import RecordingMetrics
from sentiment_core.testing.trackers import InMemoryTracker, Run
from sentiment_core.tracking import TrackingRecorder, TrackingWindow

Happening = Callable[[TrackingWindow, InMemoryTracker], object]


def traffic(window: TrackingWindow, tracker: InMemoryTracker) -> None:
    window.record([fake_analysis()], 0.1)


def quiet(window: TrackingWindow, tracker: InMemoryTracker) -> None:
    """Nothing comes in this window."""


def goes_away(window: TrackingWindow, tracker: InMemoryTracker) -> None:
    tracker.away = True
    traffic(window, tracker)


def comes_back(window: TrackingWindow, tracker: InMemoryTracker) -> None:
    tracker.away = False
    traffic(window, tracker)


class Service:
    """A recorder whose windows are ``happenings``, one after another without waiting; after the last it is stopped."""

    def __init__(self, *happenings: Happening, away: bool = False) -> None:
        self.tracker = InMemoryTracker()
        self.tracker.away = away
        self.metrics = RecordingMetrics()
        self.window = TrackingWindow()
        self.waited: list[float] = []
        self._happenings = iter(happenings)
        self._over = Event()
        self.recorder = TrackingRecorder(self.tracker, self.window, self.metrics, interval=60, wait=self._wait)
        asyncio.run(self._run())

    async def _run(self) -> None:
        self.recorder.start("serve", {"analyzer": "fake"}, {"chain.txt": "FakeAnalyzer()"})
        await asyncio.to_thread(self._over.wait, 30)
        await self.recorder.stop()

    def _wait(self, stopping: Event, seconds: float) -> bool:
        self.waited.append(seconds)
        happening = next(self._happenings, None)
        if happening is not None:
            happening(self.window, self.tracker)
            return False
        self._over.set()
        return stopping.wait()

    def documents(self) -> list[dict[int, float]]:
        """By run, the documents of each step."""
        return [{step: figures["documents"] for step, figures in run.figures.items()} for run in self.tracker.runs]


def test_each_interval_is_a_window_of_the_run() -> None:
    service = Service(traffic, traffic)

    assert service.documents() == [{0: 1, 1: 1}]
    assert service.waited == [60, 60, 60]


def test_a_service_is_a_run_with_its_parameters_and_files_that_ends_with_it() -> None:
    service = Service()

    assert service.tracker.runs == [
        Run("serve", {"analyzer": "fake"}, {}, {"chain.txt": b"FakeAnalyzer()"}, "finished")
    ]


@pytest.mark.parametrize("away", [False, True])
def test_it_says_when_it_has_tried_to_begin(away: bool) -> None:
    tracker, runs = InMemoryTracker(), list[int]()
    tracker.away = away
    recorder = TrackingRecorder(
        tracker, TrackingWindow(), RecordingMetrics(), on_begun=lambda: runs.append(len(tracker.runs))
    )

    async def serve() -> None:
        recorder.start("serve", {}, {})
        await recorder.stop()

    asyncio.run(serve())
    assert runs == [0 if away else 1]


def test_the_last_window_is_recorded_at_the_end() -> None:
    tracker, window = InMemoryTracker(), TrackingWindow()
    recorder = TrackingRecorder(tracker, window, RecordingMetrics(), interval=3600)

    async def serve() -> None:
        recorder.start("serve", {}, {})
        window.record([fake_analysis()], 0.1)
        await recorder.stop()

    asyncio.run(serve())
    [run] = tracker.runs
    assert (run.figures[0]["documents"], run.ended) == (1, "finished")


def test_a_quiet_window_takes_no_step() -> None:
    assert Service(traffic, quiet, traffic).documents() == [{0: 1, 1: 1}]


def test_an_outage_is_one_warning_and_a_count_for_each_attempt(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        service = Service(traffic, goes_away, traffic, traffic, comes_back)

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert service.metrics.value(TRACKING_FAILURES) == 3
    assert service.documents() == [{0: 1, 1: 1}]


def test_two_outages_are_two_warnings(caplog: pytest.LogCaptureFixture) -> None:
    Service(goes_away, comes_back, goes_away, comes_back)

    assert [record.levelname for record in caplog.records].count("WARNING") == 2


def test_the_run_begins_when_the_store_is_there() -> None:
    service = Service(traffic, comes_back, traffic, away=True)

    assert service.documents() == [{0: 1, 1: 1}]
    assert service.tracker.runs[0].ended == "finished"


def test_a_store_that_never_comes_costs_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(traffic, traffic, away=True)

    assert not service.tracker.runs
    assert len(caplog.records) == 1


def test_stopping_what_was_not_started_does_nothing() -> None:
    tracker = InMemoryTracker()
    asyncio.run(TrackingRecorder(tracker, TrackingWindow(), RecordingMetrics()).stop())

    assert not tracker.runs


class FilelessTracker(InMemoryTracker):
    """The place of its files is away."""

    def attach(self, name: str, text: str) -> None:
        raise TrackingError("The bucket is away.")


def test_files_that_cannot_be_kept_cost_a_warning_each_and_no_figures(caplog: pytest.LogCaptureFixture) -> None:
    tracker, window, metrics = FilelessTracker(), TrackingWindow(), RecordingMetrics()
    recorder = TrackingRecorder(tracker, window, metrics, interval=3600)

    async def serve() -> None:
        recorder.start("serve", {}, {"chain.txt": "FakeAnalyzer()", "model/card.md": "# The model"})
        window.record([fake_analysis()], 0.1)
        await recorder.stop()

    asyncio.run(serve())
    [run] = tracker.runs
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert metrics.value(TRACKING_FAILURES) == 2
    assert (run.figures[0]["documents"], run.ended) == (1, "finished")


class HangingTracker(InMemoryTracker):
    def __init__(self) -> None:
        super().__init__()
        self.hanging, self.released = Event(), Event()
        self.thread = current_thread()

    def log(self, figures: Mapping[str, float], step: int) -> None:
        self.thread = current_thread()
        self.hanging.set()
        self.released.wait()


def test_a_store_that_hangs_does_not_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """Neither ``stop`` waits for it, nor Python, which waits for every thread that is not a daemon."""
    tracker, window = HangingTracker(), TrackingWindow()
    recorder = TrackingRecorder(tracker, window, RecordingMetrics(), interval=0)

    async def serve() -> None:
        window.record([fake_analysis()], 0.1)
        recorder.start("serve", {}, {})
        await asyncio.to_thread(tracker.hanging.wait, 30)
        async with asyncio.timeout(5):
            await recorder.stop(grace=0.01)

    asyncio.run(serve())
    tracker.released.set()
    assert "hangs" in caplog.text
    assert tracker.thread.daemon
