"""Starts the service as a user does, in a process of its own on a free port of the loopback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SENTIMENT = Path(sys.executable).with_name("sentiment")
START_SECONDS = 60
CANARY = "zanzibar"
SENT = (CANARY, "wonderful", "Great!", "schrecklich", "room number")
"""Words of the texts that the tests of this folder have analyzed."""


class Service:
    """A running service: ``address``, and what it printed at its start."""

    def __init__(self, process: subprocess.Popen[str], banner: str) -> None:
        self.process = process
        self.banner = banner
        self.address = (
            next(line for line in banner.splitlines() if line.startswith("API ")).split()[-1].rsplit("/", 1)[0]
        )

    def stop(self) -> int:
        """Ends it as an operator would, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)


def check_log(log: str) -> None:
    """Whatever a test did, each line is one JSON object, and no text is in it that any of these tests sends."""
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict), line
    assert [text for text in SENT if text in log] == []


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a service that keeps its state in ``data``: no setting of this machine gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SENTIMENT_", "MLFLOW_", "AWS_"))}
    return {**kept, "SENTIMENT_DATA_DIR": str(data), "AWS_EC2_METADATA_DISABLED": "true", **settings}


@contextmanager
def serve(data: Path, *arguments: str, **settings: str) -> Iterator[Service]:
    """``sentiment serve`` on a free port, until the end of the block."""
    with (data / "log").open("w") as log:
        process = subprocess.Popen(
            [str(SENTIMENT), "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(data, **settings),
        )
        try:
            yield Service(process, _banner(process, data / "log"))
            check_log((data / "log").read_text())
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _banner(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Runs "):
            return "".join(lines)
    raise AssertionError(f"It did not start:\n{''.join(lines)}{log.read_text()}")
