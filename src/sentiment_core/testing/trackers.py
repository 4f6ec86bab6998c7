"""InMemoryTracker, and what every Tracker must do: inherit TrackerContract and say how to make yours."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from sentiment_core.ports import Tracker, TrackingError


class Run(Struct):
    """A run as it was recorded.

    ``figures`` are by step, ``files`` by name; ``ended`` is None, ``finished`` or ``failed``.
    """

    name: str
    parameters: dict[str, str]
    figures: dict[int, dict[str, float]]
    files: dict[str, str]
    ended: str | None = None


class InMemoryTracker:
    """Keeps runs, oldest first. While ``away`` is True, every call raises TrackingError."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.away = False
        self._run: Run | None = None

    def start(self, name: str, parameters: Mapping[str, str]) -> None:
        self._reach()
        self._run = Run(name, dict(parameters), {}, {})
        self.runs.append(self._run)

    def log(self, figures: Mapping[str, float], step: int) -> None:
        self._reach()
        if self._run is None:
            raise TrackingError("There is no run to add figures to.")
        self._run.figures.setdefault(step, {}).update(figures)

    def attach(self, name: str, text: str) -> None:
        self._reach()
        if self._run is None:
            raise TrackingError("There is no run to keep a file with.")
        self._run.files[name] = text

    def end(self, *, failed: bool = False) -> None:
        self._reach()
        if self._run is not None:
            self._run.ended = "failed" if failed else "finished"
        self._run = None

    def check(self) -> None:
        self._reach()

    def _reach(self) -> None:
        if self.away:
            raise TrackingError("The store is away.")


class TrackerContract:
    """Override ``make_tracker``; a test runner finds the rest."""

    def make_tracker(self) -> tuple[Tracker, Callable[[], list[Run]]]:
        """A new one without runs, and a way to read its runs, oldest first."""
        raise AssertionError("override make_tracker")

    def test_a_run_keeps_its_name_parameters_and_figures_by_step(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("serve", {"analyzer": "embedded", "SENTIMENT_PORT": "8000"})
        tracker.log({"documents": 3, "latency_seconds/p95": 0.25}, 0)
        tracker.log({"documents": 5, "languages/zh-TW": 1}, 1)
        [run] = runs()
        assert (run.name, run.parameters) == ("serve", {"analyzer": "embedded", "SENTIMENT_PORT": "8000"})
        assert run.figures == {
            0: {"documents": 3, "latency_seconds/p95": 0.25},
            1: {"documents": 5, "languages/zh-TW": 1},
        }

    def test_a_store_that_is_there_passes_the_check_and_has_no_run_for_it(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.check()
        assert not runs()

    def test_a_run_is_open_until_it_is_ended(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("serve", {})
        assert [run.ended for run in runs()] == [None]
        tracker.end()
        assert [run.ended for run in runs()] == ["finished"]

    def test_a_run_can_end_in_failure(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("serve", {})
        tracker.end(failed=True)
        assert [run.ended for run in runs()] == ["failed"]

    def test_figures_go_to_the_run_under_way(self) -> None:
        tracker, runs = self.make_tracker()
        for number in (1, 2):
            tracker.start(f"serve {number}", {})
            tracker.log({"documents": number}, 0)
            tracker.end()
        assert [(run.name, run.figures) for run in runs()] == [
            ("serve 1", {0: {"documents": 1}}),
            ("serve 2", {0: {"documents": 2}}),
        ]

    def test_a_run_keeps_files(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("serve", {})
        tracker.attach("chain.txt", "CachingAnalyzer(FakeAnalyzer())\n")
        tracker.attach("notes/ja.txt", "素晴らしい")
        [run] = runs()
        assert run.files == {"chain.txt": "CachingAnalyzer(FakeAnalyzer())\n", "notes/ja.txt": "素晴らしい"}

    def test_a_file_without_a_run_is_refused(self) -> None:
        tracker, runs = self.make_tracker()
        try:
            tracker.attach("chain.txt", "")
        except TrackingError:
            assert not runs()
        else:
            raise AssertionError("a file was taken while there was no run")

    def test_ending_without_a_run_does_nothing(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.end()
        tracker.start("serve", {})
        tracker.end()
        tracker.end(failed=True)
        assert [run.ended for run in runs()] == ["finished"]

    def test_figures_without_a_run_are_refused(self) -> None:
        tracker, runs = self.make_tracker()
        try:
            tracker.log({"documents": 1}, 0)
        except TrackingError:
            assert not runs()
        else:
            raise AssertionError("figures were taken while there was no run")
