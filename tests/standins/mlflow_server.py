"""A real ``mlflow server`` of the full distribution, in a process of its own, as compose.yaml runs it."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

START_SECONDS = 120

SAFE = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
"""The server's defaults that are not safe, the other way round."""


def mlflow_program() -> str | None:
    """The full distribution's program, which MLFLOW_SERVER names: the lean one has no server."""
    named = os.environ.get("MLFLOW_SERVER")
    return shutil.which(named) if named else None


@contextmanager
def mlflow_server(folder: Path, artifacts: str, environment: Mapping[str, str]) -> Iterator[str]:
    """A server's address. It keeps its SQLite file in ``folder``, and its clients their files in ``artifacts``."""
    program = mlflow_program()
    assert program is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "mlflow-server.log").open("w") as log:
        process = subprocess.Popen(
            [
                program, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
                "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
                "--default-artifact-root", artifacts, "--no-serve-artifacts",
                "--allowed-hosts", f"127.0.0.1:{port}",
            ],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **SAFE, **environment},
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, folder / "mlflow-server.log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"mlflow server did not start:\n{log.read_text()}")
