"""MLflow's SQLite store for tests, and a way to read it with MLflow's own client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import Run as MlflowRun

from sentiment_core.testing.trackers import Run

tolerate_mlflow = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
"""MLflow 3.17 uses what SQLAlchemy 2.1 calls deprecated."""

ENDED = {"RUNNING": None, "FINISHED": "finished", "FAILED": "failed"}


def read_runs(uri: str, experiment: str) -> list[Run]:
    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return []
    runs = client.search_runs([found.experiment_id], order_by=["attributes.start_time ASC"])
    return [_read_run(client, run) for run in runs]


def _read_run(client: MlflowClient, run: MlflowRun) -> Run:
    figures: dict[int, dict[str, float]] = {}
    for key in run.data.metrics:
        for metric in client.get_metric_history(run.info.run_id, key):
            figures.setdefault(metric.step, {})[key] = metric.value
    files = {
        name: Path(download_artifacts(f"{run.info.artifact_uri}/{name}")).read_bytes()
        for name in _files(client, run.info.run_id)
    }
    return Run(run.info.run_name, run.data.params, figures, files, ENDED[run.info.status], run.data.tags)


def _files(client: MlflowClient, run_id: str, folder: str | None = None) -> Iterator[str]:
    for entry in client.list_artifacts(run_id, folder):
        if entry.is_dir:
            yield from _files(client, run_id, entry.path)
        else:
            yield entry.path


def sqlite_uri(folder: Path) -> str:
    return f"sqlite:///{folder / 'mlflow.db'}"
