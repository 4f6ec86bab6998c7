"""MlflowTracker, on a real SQLite store, and InMemoryTracker keep the contract of Tracker."""

from collections.abc import Callable

import pytest

from adapters.trackers.mlflow import MlflowTracker
from sentiment_core.ports import Tracker
from sentiment_core.testing.trackers import InMemoryTracker, Run, TrackerContract
from tests.mlflow_store import read_runs, sqlite_uri, tolerate_mlflow

pytestmark = tolerate_mlflow


class TestInMemoryTracker(TrackerContract):
    def make_tracker(self) -> tuple[Tracker, Callable[[], list[Run]]]:
        tracker = InMemoryTracker()
        return tracker, lambda: tracker.runs


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all tests, since making one takes seconds; each test has an experiment of its own."""
    return sqlite_uri(tmp_path_factory.mktemp("store"))


class TestMlflowTracker(TrackerContract):
    @pytest.fixture(autouse=True)
    def place(self, store: str, request: pytest.FixtureRequest) -> None:
        self.uri, self.experiment = store, request.node.name

    def make_tracker(self) -> tuple[Tracker, Callable[[], list[Run]]]:
        return MlflowTracker(self.uri, self.experiment), lambda: read_runs(self.uri, self.experiment)
