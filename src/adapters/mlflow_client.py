"""MLflow's client for a SQLite file of our own, or for wherever a tracking URI says: what its users here share."""

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mlflow import MlflowClient

SETTINGS = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",  # seconds; as it comes, a server that is down blocks a call for four minutes
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",  # its own handler would print beside the service's log
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""What MLflow reads from the environment, and from nowhere else; what the operator has set there stands."""

_making = Lock()
"""Several threads of a service begin their runs at once: one of them makes the store, and one the experiment."""


def settle_environment() -> None:
    """To be called at the start: changing the environment is not safe while other threads run."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


def open_client(uri: str) -> "MlflowClient":
    """Takes a second for its imports, and some more when the SQLite file has to be made."""
    from mlflow import MlflowClient

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    file = _sqlite_file(uri)
    with _making:
        if file is not None and not file.exists():
            _make(file)
        return MlflowClient(tracking_uri=uri)


def experiment_id(client: "MlflowClient", uri: str, name: str) -> str:
    """The experiment of that name, which is made if need be; beside a SQLite file its files are in ``artifacts``."""
    with _making:
        experiment = client.get_experiment_by_name(name)
        if experiment is not None:
            return str(experiment.experiment_id)
        file = _sqlite_file(uri)
        artifacts = None if file is None else (file.parent / "artifacts").absolute().as_uri()
        return str(client.create_experiment(name, artifact_location=artifacts))


@contextlib.contextmanager
def translated(
    uri: str, otherwise: type[Exception], codes: Mapping[str, type[Exception]] | None = None
) -> Iterator[None]:
    """MLflow's errors, and those that it lets through, as one line without the password of the URI.

    ``codes`` are error codes of MLflow's that have a class of their own.
    """
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, RequestException, SQLAlchemyError) as error:
        line = str(error).partition("\n")[0]
        password = urlsplit(uri).password
        kind = (codes or {}).get(getattr(error, "error_code", ""), otherwise)
        raise kind(line.replace(password, "***") if password else line) from None


def _sqlite_file(uri: str) -> Path | None:
    from sqlalchemy import make_url

    if not uri.startswith("sqlite:"):
        return None
    name = make_url(uri).database
    return Path(name) if name and name != ":memory:" else None


def _make(file: Path) -> None:
    """Makes an empty store beside ``file`` and moves it there: MLflow cannot open one whose making was cut short."""
    from mlflow import MlflowClient

    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix="new-store-",
        dir=file.parent,
        ignore_cleanup_errors=True,  # Python ends while a thread writes there
    ) as folder:
        whole = Path(folder, "store.db").absolute()
        MlflowClient(tracking_uri=f"sqlite:///{whole}")
        if not file.exists():
            whole.rename(file)
