"""Programs that are no Python packages, which a machine may lack."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


def program(name: str, package: str) -> str:
    """Where it is; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


@contextlib.contextmanager
def running(log: Path, command: list[str], ready: str, **environment: str) -> Iterator[None]:
    """Runs ``command`` until the end of the block, which begins when ``ready``, a URL, answers 200."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
        try:
            _wait_for(ready, process, log)
            yield
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    with httpx.Client() as client:
        for _ in range(1_200):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == 200:
                    return
            time.sleep(0.05)
    raise AssertionError(f"It is not ready:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
