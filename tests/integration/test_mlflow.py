"""MlflowTracker against real stores: a SQLite file, and servers that are down or hang."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from adapters.mlflow_client import SETTINGS
from adapters.trackers.mlflow import MlflowTracker
from sentiment_core.evaluation.recording import record_evaluation, run_figures
from sentiment_core.ports import TrackingError
from tests.mlflow_store import read_runs, sqlite_uri, tolerate_mlflow
from tests.unit.core.evaluation.test_recording import evaluation

pytestmark = tolerate_mlflow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def unanswered() -> Iterator[str]:
    """The URI of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def complete(file: Path) -> bool:
    with sqlite3.connect(file) as store:
        migrated = store.execute("SELECT count(*) FROM alembic_version").fetchone()[0]
        experiments = store.execute("SELECT count(*) FROM experiments").fetchone()[0]
    store.close()
    return bool(migrated and experiments)


def test_a_store_appears_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    """MLflow cannot open a store whose making was cut short, so a half-made one must never be in its place."""
    file = tmp_path / "data" / "mlflow.db"
    thread = threading.Thread(target=MlflowTracker(f"sqlite:///{file}").start, args=("serve", {}))
    thread.start()
    while thread.is_alive() and not file.exists():
        time.sleep(0.001)
    whole_at_first_sight = complete(file)
    thread.join()

    assert whole_at_first_sight
    assert [path.name for path in file.parent.iterdir()] == ["mlflow.db"]


def test_a_run_is_found_with_mlflows_own_client(folder: Path) -> None:
    tracker = MlflowTracker(sqlite_uri(folder), tags={"mlflow.source.git.commit": "abc"}, now=lambda: 1_700_000_000.5)
    tracker.start("serve", {"analyzer": "embedded"})
    tracker.log({"documents": 2}, 0)
    tracker.end()

    client = MlflowClient(tracking_uri=sqlite_uri(folder))
    experiment = client.get_experiment_by_name("sentiment-service")
    assert experiment is not None
    [run] = client.search_runs([experiment.experiment_id])
    [metric] = client.get_metric_history(run.info.run_id, "documents")
    assert run.info.status == "FINISHED"
    assert run.data.tags["mlflow.source.git.commit"] == "abc"
    assert (metric.value, metric.step, metric.timestamp) == (2, 0, 1_700_000_000_500)
    assert experiment.artifact_location == (folder / "artifacts").as_uri()


def test_a_second_tracker_adds_to_the_same_experiment(folder: Path) -> None:
    for name in ("first", "second"):
        tracker = MlflowTracker(sqlite_uri(folder), "twice")
        tracker.start(name, {})
        tracker.end()

    client = MlflowClient(tracking_uri=sqlite_uri(folder))
    experiment = client.get_experiment_by_name("twice")
    assert experiment is not None
    assert len(client.search_runs([experiment.experiment_id])) == 2


def test_the_registry_knows_models_by_alias_on_the_same_store(folder: Path) -> None:
    """mlflow-skinny with SQLAlchemy and alembic is enough for the registry as well."""
    MlflowTracker(sqlite_uri(folder)).start("serve", {})
    client = MlflowClient(tracking_uri=sqlite_uri(folder))
    client.create_registered_model("sentiment")
    version = client.create_model_version("sentiment", source=(folder / "artifacts" / "model").as_uri())
    client.set_registered_model_alias("sentiment", "production", version.version)

    assert client.get_model_version_by_alias("sentiment", "production").version == version.version


def test_an_evaluation_has_names_that_mlflow_takes_and_its_drawings_are_kept(folder: Path) -> None:
    tracker = MlflowTracker(sqlite_uri(folder), "sentiment-evaluation")
    tracker.start("embedded", {})
    record_evaluation(tracker, evaluation())
    tracker.end()

    [run] = read_runs(sqlite_uri(folder), "sentiment-evaluation")
    assert run.figures == {0: run_figures(evaluation())}
    assert run.files["confusion/all.svg"].startswith(b"<svg ")


def test_a_server_that_is_down_fails_at_once_and_its_password_is_not_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tracker = MlflowTracker(f"http://user:s3cret@127.0.0.1:{port}")
    started = time.monotonic()
    with pytest.raises(TrackingError) as raised:
        tracker.start("serve", {})

    assert time.monotonic() - started < 2
    assert "refused" in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_a_server_that_hangs_fails_after_the_timeout(unanswered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    started = time.monotonic()
    with pytest.raises(TrackingError):
        MlflowTracker(unanswered).start("serve", {})

    assert 0.9 < time.monotonic() - started < 4


@pytest.mark.parametrize("uri", ["bogus://nowhere", "sqlite:////dev/null/mlflow.db"])
def test_a_uri_that_cannot_work_is_the_stores_failure(uri: str) -> None:
    with pytest.raises((TrackingError, OSError)):
        MlflowTracker(uri).start("serve", {})


def test_nothing_is_printed_or_sent_home(folder: Path) -> None:
    """MLflow's and alembic's own messages stay out of a service's log; its telemetry is off; it costs no import."""
    script = f"""
import logging, sys
logging.basicConfig(level=logging.INFO)
from adapters.trackers.mlflow import MlflowTracker
tracker = MlflowTracker("{sqlite_uri(folder / "quiet")}")
assert "mlflow" not in sys.modules
tracker.start("serve", {{}})
tracker.end()
from mlflow.telemetry import get_telemetry_client
assert get_telemetry_client() is None
"""
    # MLflow sends nothing under pytest or in CI, so the child must not look like either.
    plain = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", script],
        env=plain, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_the_operator_set_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "7")
    MlflowTracker("http://127.0.0.1:1")

    assert {os.environ[name] for name in SETTINGS} == {"7"}
