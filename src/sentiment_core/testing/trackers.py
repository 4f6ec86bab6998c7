"""InMemoryTracker, and what every Tracker must do: inherit TrackerContract and say how to make yours."""

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct

from sentiment_core.ports import EMPTY, Tracker, TrackingError


class Run(Struct):
    """A run as it was recorded.

    ``figures`` are by step, ``files`` by name; ``ended`` is None, ``finished`` or ``failed``.
    """

    name: str
    parameters: dict[str, str]
    figures: dict[int, dict[str, float]]
    files: dict[str, bytes]
    ended: str | None = None
    tags: dict[str, str] = {}


class InMemoryTracker:
    """Keeps runs, oldest first. While ``away`` is True, every call raises TrackingError."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.away = False
        self._run: Run | None = None

    def start(
        self, name: str, parameters: Mapping[str, str], *, tags: Mapping[str, str] = EMPTY, run: str | None = None
    ) -> str:
        self._reach()
        number = int(run) if run and run.isdecimal() else len(self.runs)
        if number < len(self.runs):
            self._run = self.runs[number]
            self._run.ended = None
        else:
            number, self._run = len(self.runs), Run(name, dict(parameters), {}, {}, tags=dict(tags))
            self.runs.append(self._run)
        return str(number)

    def log(self, figures: Mapping[str, float], step: int) -> None:
        self._reach()
        if self._run is None:
            raise TrackingError("There is no run to add figures to.")
        self._run.figures.setdefault(step, {}).update(figures)

    def attach(self, name: str, content: str | bytes) -> None:
        self._reach()
        if self._run is None:
            raise TrackingError("There is no run to keep a file with.")
        self._run.files[name] = content.encode() if isinstance(content, str) else content

    def attach_folder(self, name: str, folder: Path) -> None:
        self._reach()
        if self._run is None:
            raise TrackingError("There is no run to keep a folder with.")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self._run.files[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()

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

    def test_a_run_keeps_files_of_texts_and_bytes(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("serve", {})
        tracker.attach("chain.txt", "CachingAnalyzer(FakeAnalyzer())\n")
        tracker.attach("notes/ja.txt", "素晴らしい")
        tracker.attach("picture.png", b"\x89PNG\r\n\xff")
        [run] = runs()
        assert run.files == {
            "chain.txt": b"CachingAnalyzer(FakeAnalyzer())\n",
            "notes/ja.txt": "素晴らしい".encode(),
            "picture.png": b"\x89PNG\r\n\xff",
        }

    def test_a_run_keeps_folders(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("train", {})
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "inner").mkdir()
            (folder / "model.onnx").write_bytes(b"\x08\xff")
            (folder / "inner" / "card.md").write_text("good\n")
            tracker.attach_folder("model", folder)
        [run] = runs()
        assert run.files == {"model/model.onnx": b"\x08\xff", "model/inner/card.md": b"good\n"}

    def test_a_run_keeps_tags(self) -> None:
        tracker, runs = self.make_tracker()
        tracker.start("evaluate", {}, tags={"task": "sentiment"})
        [run] = runs()
        assert run.tags["task"] == "sentiment"

    def test_a_run_that_ended_goes_on_under_its_id(self) -> None:
        tracker, runs = self.make_tracker()
        id_ = tracker.start("train", {"seed": "1"})
        tracker.log({"loss": 2.0}, 1)
        tracker.end(failed=True)
        assert tracker.start("train", {"seed": "1"}, run=id_) == id_
        tracker.log({"loss": 1.0}, 2)
        [run] = runs()
        assert (run.parameters, run.figures, run.ended) == ({"seed": "1"}, {1: {"loss": 2.0}, 2: {"loss": 1.0}}, None)
        tracker.end()
        assert [run.ended for run in runs()] == ["finished"]

    def test_a_run_that_is_not_there_begins_anew(self) -> None:
        tracker, runs = self.make_tracker()
        id_ = tracker.start("train", {}, run="0123456789abcdef0123456789abcdef")
        tracker.end()
        assert id_ != tracker.start("train", {})
        assert len(runs()) == 2

    def test_a_file_without_a_run_is_refused(self) -> None:
        tracker, runs = self.make_tracker()
        for attach in (partial(tracker.attach, "chain.txt", ""), partial(tracker.attach_folder, "model", Path())):
            try:
                attach()
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
