"""Runs kept by MLflow: in a SQLite file of our own, or wherever a tracking URI says."""

import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.mlflow_client import experiment_id, open_client, settle_environment, translated
from sentiment_core.ports import EMPTY, TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient


class MlflowTracker:
    """Runs of ``experiment`` in the store at ``tracking_uri`` (``sqlite:////FILE``, ``http://HOST``, ...).

    ``tags`` are set on each run: a version, ``mlflow.source.git.commit``. ``now`` is the wall clock in seconds, for
    the time at which MLflow shows a figure. Nothing is imported or opened before the first run, since that takes a
    second, and some more when the SQLite file has to be made.
    """

    def __init__(
        self,
        tracking_uri: str,
        experiment: str = "sentiment-service",
        *,
        tags: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        settle_environment()
        self._uri = tracking_uri
        self._experiment = experiment
        self._tags = dict(tags or {})
        self._now = now
        self._opened: MlflowClient | None = None
        self._run_id: str | None = None

    def start(
        self, name: str, parameters: Mapping[str, str], *, tags: Mapping[str, str] = EMPTY, run: str | None = None
    ) -> str:
        with self._translated():
            from mlflow.entities import Param

            client = self._client()
            if run is not None and self._goes_on(client, run):
                self._run_id = run
                return run
            experiment = experiment_id(client, self._uri, self._experiment)
            begun = client.create_run(experiment, tags={**self._tags, **tags}, run_name=name)
            id_ = str(begun.info.run_id)
            client.log_batch(id_, params=[Param(key, value) for key, value in parameters.items()])
            self._run_id = id_
        return id_

    def log(self, figures: Mapping[str, float], step: int) -> None:
        if self._run_id is None:
            raise TrackingError("There is no run to add figures to.")
        with self._translated():
            from mlflow.entities import Metric

            milliseconds = int(self._now() * 1000)
            metrics = [Metric(key, value, milliseconds, step) for key, value in figures.items()]
            self._client().log_batch(self._run_id, metrics=metrics)

    def attach(self, name: str, content: str | bytes) -> None:
        folders, _, file = name.rpartition("/")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, file)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            self._keep(lambda client, run_id: client.log_artifact(run_id, str(path), folders or None))

    def attach_folder(self, name: str, folder: Path) -> None:
        self._keep(lambda client, run_id: client.log_artifacts(run_id, str(folder), name))

    def _keep(self, files: "Callable[[MlflowClient, str], object]") -> None:
        if self._run_id is None:
            raise TrackingError("There is no run to keep a file with.")
        try:
            with self._translated():
                files(self._client(), self._run_id)
        except (OSError, TrackingError):
            raise
        except Exception as error:  # files are kept by whatever client the store's artifact location names
            raise TrackingError(f"The run's files cannot be kept: {str(error).partition(chr(10))[0]}") from error

    def end(self, *, failed: bool = False) -> None:
        run_id, self._run_id = self._run_id, None
        if run_id is not None:
            with self._translated():
                self._client().set_terminated(run_id, status="FAILED" if failed else "FINISHED")

    def check(self) -> None:
        with self._translated():
            self._client().search_experiments(max_results=1)

    def _client(self) -> "MlflowClient":
        if self._opened is None:
            self._opened = open_client(self._uri)
        return self._opened

    @staticmethod
    def _goes_on(client: "MlflowClient", run_id: str) -> bool:
        """Whether there is such a run; it is under way again."""
        from mlflow.exceptions import MlflowException

        try:
            run = client.get_run(run_id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise
        if run.info.lifecycle_stage != "active":  # it was deleted
            return False
        client.update_run(run_id, status="RUNNING")
        return True

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self._uri, TrackingError)
