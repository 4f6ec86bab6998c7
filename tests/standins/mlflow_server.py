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
from secrets import token_hex
from urllib.error import URLError

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.standins.aws import DUMMY_AWS, use_dummy_aws

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


class MlflowStack:
    """The server's address and folder, the bucket, and the variables of whoever keeps files in it."""

    def __init__(self, mlflow: str, folder: Path, bucket: str, variables: dict[str, str]) -> None:
        self.mlflow = mlflow
        self.bucket = bucket
        self.folder = folder
        self.variables = variables

    def objects(self) -> list[str]:
        s3 = boto3.client("s3", endpoint_url=self.variables["AWS_ENDPOINT_URL_S3"], region_name="eu-west-1")
        return [entry["Key"] for entry in s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]


@contextmanager
def mlflow_on_s3(folder: Path) -> Iterator[MlflowStack]:
    """A server with its SQLite file in ``folder`` and its artifacts on a (moto) S3, which this process can reach."""
    s3 = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    s3.start()
    host, port = s3.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        variables = {"AWS_ENDPOINT_URL_S3": endpoint, "MLFLOW_S3_ENDPOINT_URL": endpoint}
        patch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # a busy machine is no failure of these tests
        use_dummy_aws(patch, **variables)
        bucket = f"artifacts-{token_hex(4)}"  # all of moto's servers of a process have the same buckets
        boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-1").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        with mlflow_server(folder, f"s3://{bucket}", variables | DUMMY_AWS) as address:
            yield MlflowStack(address, folder, bucket, variables | DUMMY_AWS)
    s3.stop()


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
            process.wait(START_SECONDS)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"mlflow server did not start:\n{log.read_text()}")
