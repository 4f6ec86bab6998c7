"""Models in MLflow's registry: in a SQLite file of our own, or wherever a tracking URI says.

A version is a logged model of MLflow 3: its files are in ``model``, those that were attached in ``attached``. Nothing
is ever unpickled, neither here nor by MLflow, whose ``python_function`` flavour names a module of ours.
"""

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from adapters.mlflow_client import experiment_id, open_client, settle_environment, translated
from adapters.model_registries.mlmodel import write_mlmodel
from sentiment_core.registry import (
    MAX_MODEL_BYTES,
    ModelNotFoundError,
    ModelReference,
    ModelTooLargeError,
    ModelVersion,
    RegistryError,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion as MlflowVersion
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

MODEL = "model"
ATTACHED = "attached"

BUCKETS = frozenset({"s3", "gs", "wasbs", "abfss"})
"""Schemes of stores that ask for credentials, which say what may be read."""


class MlflowModelRegistry:
    """The registry at ``tracking_uri``; a model that comes without a run gets one in ``experiment``.

    ``loader`` is the module that ``mlflow.pyfunc.load_model`` loads models with. Nothing is imported or opened before
    the first call.
    """

    def __init__(self, tracking_uri: str, *, loader: str, experiment: str = "sentiment-models") -> None:
        settle_environment()
        self._uri = tracking_uri
        self._loader = loader
        self._experiment = experiment
        self._opened: MlflowClient | None = None

    def versions(self, name: str) -> list[ModelVersion]:
        with self._translated():
            client = self._client()
            found: list[MlflowVersion] = []
            token: str | None = ""
            while token is not None:
                page = client.search_model_versions(f"name = '{name}'", page_token=token or None)
                found += page
                token = page.token or None
            aliases = client.get_registered_model(name).aliases if found else {}
        return sorted((_version(entry, aliases) for entry in found), key=lambda version: -version.number)

    def find(self, reference: ModelReference) -> ModelVersion:
        name, target = reference.name, reference.target
        with self._translated():
            client = self._client()
            aliases = client.get_registered_model(name).aliases
            number = target if isinstance(target, int) else aliases.get(target)
            if number is None:
                raise ModelNotFoundError(f"No version of the model {name!r} has the alias {target!r}.")
            return _version(client.get_model_version(name, str(number)), aliases)

    def register(self, name: str, folder: Path, tags: Mapping[str, str], *, run_id: str | None = None) -> ModelVersion:
        if not folder.is_dir():  # MLflow would keep nothing, and say nothing
            raise RegistryError(f"There is no folder {folder} that could be registered.")
        with self._translated():
            client = self._client()
            with self._run(client, name, run_id) as run:
                model = self._log(client, name, folder, run)
                self._make_name(client, name)
                made = client.create_model_version(
                    name, model.artifact_location, run_id=run, tags=dict(tags), model_id=model.model_id
                )
                # As mlflow.register_model does, for the page of the logged model to lead to the version.
                link = json.dumps([{"name": name, "version": made.version}])
                client.set_logged_model_tags(model.model_id, {"mlflow.modelVersions": link})
        return _version(made, {})

    def download(self, version: ModelVersion, folder: Path, *, max_bytes: int = MAX_MODEL_BYTES) -> None:
        files = self._files(version)
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside_it = tempfile.TemporaryDirectory(prefix="download-", dir=folder.parent, ignore_cleanup_errors=True)
        with self._translated(), beside_it as beside:
            _require(files, MODEL, "", f"{version} has no model folder: it was not registered by `sentiment models`.")
            if (size := _size(files, MODEL)) > max_bytes:
                raise ModelTooLargeError(version, size, max_bytes)
            files.download_artifacts(MODEL, beside)
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()
            Path(beside, MODEL).rename(folder)

    def set_alias(self, name: str, alias: str, number: int | None) -> None:
        if number is None:
            with contextlib.suppress(ModelNotFoundError), self._translated():
                self._client().delete_registered_model_alias(name, alias)
        else:
            with self._translated():
                self._client().set_registered_model_alias(name, alias, str(number))

    def set_tag(self, version: ModelVersion, key: str, value: str) -> None:
        with self._translated():
            self._client().set_model_version_tag(version.name, str(version.number), key, value)

    def attach(self, version: ModelVersion, name: str, content: bytes) -> None:
        files = self._files(version)
        with self._translated(), tempfile.TemporaryDirectory() as folder:
            Path(folder, name).write_bytes(content)
            files.log_artifact(str(Path(folder, name)), ATTACHED)

    def read(self, version: ModelVersion, name: str) -> bytes:
        files = self._files(version)
        with self._translated(), tempfile.TemporaryDirectory() as folder:
            path = f"{ATTACHED}/{name}"
            _require(files, path, ATTACHED, f"No file {name!r} is kept with {version}.")
            return Path(files.download_artifacts(path, folder)).read_bytes()

    def _log(self, client: "MlflowClient", name: str, folder: Path, run_id: str) -> "LoggedModel":
        """The files as a logged model, an output of the run."""
        from mlflow.entities import LoggedModelOutput

        experiment = client.get_run(run_id).info.experiment_id
        model = client.create_logged_model(experiment, name=name, source_run_id=run_id)
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
        status: Literal["READY", "FAILED"] = "FAILED"
        try:
            with tempfile.TemporaryDirectory() as around:
                write_mlmodel(Path(around), model, loader=self._loader, data=MODEL)
                client.log_model_artifacts(model.model_id, around)
            client.log_model_artifacts(model.model_id, str(folder), MODEL)
            status = "READY"
        finally:
            client.finalize_logged_model(model.model_id, status)
        return model

    @contextlib.contextmanager
    def _run(self, client: "MlflowClient", name: str, run_id: str | None) -> Iterator[str]:
        """The given run, or a new one around the block."""
        if run_id is not None:
            yield run_id
            return
        experiment = experiment_id(client, self._uri, self._experiment)
        made: str = client.create_run(experiment, run_name=f"register {name}").info.run_id
        status = "FAILED"
        try:
            yield made
            status = "FINISHED"
        finally:
            client.set_terminated(made, status=status)

    def _make_name(self, client: "MlflowClient", name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _files(self, version: ModelVersion) -> "ArtifactRepository":
        """Where the version's files are kept."""
        with self._translated():
            from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

            place = self._client().get_model_version_download_uri(version.name, str(version.number))
            if not is_trusted(place, self._uri):
                raise RegistryError(f"{version} has its files at {place}, from where no model is fetched.")
            return get_artifact_repository(place, tracking_uri=self._uri)

    def _client(self) -> "MlflowClient":
        if self._opened is None:
            self._opened = open_client(self._uri)
        return self._opened

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated(self._uri, RegistryError, {"RESOURCE_DOES_NOT_EXIST": ModelNotFoundError}):
                yield
        except RegistryError:
            raise
        except Exception as error:  # files are kept by whatever client the store's artifact location names
            raise RegistryError(f"The registry's files cannot be used: {str(error).partition(chr(10))[0]}") from error


def is_trusted(place: str, tracking_uri: str) -> bool:
    """Whether files may be fetched from there: whoever can write to a registry says where those of a version are.

    So a server of MLflow cannot have this machine read its own files, or ask other hosts.
    """
    there, store = urlsplit(place), urlsplit(tracking_uri)
    if there.scheme in ("", "file"):
        return store.scheme == "sqlite"
    if there.scheme == "mlflow-artifacts":
        return there.netloc in ("", store.netloc)
    return there.scheme in BUCKETS


def _version(entry: "MlflowVersion", aliases: Mapping[str, str]) -> ModelVersion:
    on_it = frozenset(alias for alias, number in aliases.items() if int(number) == int(entry.version))
    return ModelVersion(entry.name, int(entry.version), on_it, entry.creation_timestamp / 1000, dict(entry.tags))


def _require(files: "ArtifactRepository", path: str, folder: str, message: str) -> None:
    """Looks first: each kind of store has another error for a file that is not there."""
    listed: Iterable[Any] = files.list_artifacts(folder or None)
    if path not in {entry.path for entry in listed}:
        raise ModelNotFoundError(message)


def _size(files: "ArtifactRepository", folder: str) -> int:
    """Bytes in a folder and those inside it.

    Some stores list a folder within itself, and MLflow's server leaves out the size of an empty file.
    """
    listed: Iterable[Any] = [entry for entry in files.list_artifacts(folder) if entry.path != folder]
    return sum(_size(files, entry.path) if entry.is_dir else entry.file_size or 0 for entry in listed)
