"""Servers as processes of their own, on one core; whoever makes the load has the other."""

import http.client
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.texts import BODIES
from entrypoints.settings import describe_settings

START_S = 30
SETTLE_S = 20
STOP_S = 10

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]

SENTIMENT = Path(sys.executable).with_name("sentiment")
KNOWN_SETTINGS = frozenset(variable for variable, _, _ in describe_settings())
"""Those of the service that is installed."""


class StartError(Exception):
    """A server did not come up; the message has what it said last."""


class Server:
    """A process that answers on ``address``; ``started_s`` is how long it took until it did, in seconds."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, started_s: float) -> None:
        self._pid = process.pid
        self.address = address
        self.started_s = started_s

    def cpu_seconds(self) -> float:
        """Processor time so far, of all its threads."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Returns when it does next to nothing: after its start the service opens its record of runs for seconds."""
        end = time.perf_counter() + SETTLE_S
        while time.perf_counter() < end:
            before = self.cpu_seconds()
            time.sleep(0.5)
            if self.cpu_seconds() - before < 0.02:
                return

    def resident_mb(self) -> float:
        """Memory that it occupies now, in millions of bytes."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def stack(name: str, *arguments: str, core: int = SERVER_CORE, **variables: str) -> Iterator[Server]:
    """``bench.stacks.NAME`` until the end of the block. Settings that the service does not know are left out."""
    command = [sys.executable, "-m", f"bench.stacks.{name}"]
    with _process(lambda port: [*command, str(port), *arguments], core, _known(variables)) as server:
        yield server


@contextmanager
def service(**variables: str) -> Iterator[Server]:
    """``sentiment serve``, as a user starts it; settings likewise."""
    with _process(
        lambda port: [str(SENTIMENT), "serve", "--port", str(port)], SERVER_CORE, _known(variables)
    ) as server:
        yield server


def pin_load() -> None:
    """Keeps this process, and what it starts, off the servers' core, and lets it have many connections."""
    os.sched_setaffinity(0, {LOAD_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _known(variables: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name: value for name, value in variables.items() if name in KNOWN_SETTINGS or not name.startswith("SENTIMENT_")
    }


@contextmanager
def _process(command: Callable[[int], Sequence[str]], core: int, variables: Mapping[str, str]) -> Iterator[Server]:
    port = _free_port()
    with TemporaryDirectory() as data:
        log = Path(data, "log")
        start = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                command(port), stdout=output, stderr=output, env=_environment(data, variables), bufsize=0
            )
        try:
            os.sched_setaffinity(process.pid, {core})
            _await_answer(process, port, log)
            yield Server(process, f"http://127.0.0.1:{port}", time.perf_counter() - start)
        finally:
            _end(process)


def _environment(data: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this machine's settings gets in."""
    ours = ("SENTIMENT_", "MLFLOW_", "AWS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    credentials = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "eu-west-1"}
    return {
        **kept,
        **credentials,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SENTIMENT_DATA_DIR": data,
        **variables,
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.perf_counter() + START_S
    while not _answers(port):
        if process.poll() is not None or time.perf_counter() > end:
            lines = log.read_text(errors="replace").strip().splitlines() or ["It said nothing."]
            raise StartError(lines[-1].replace(f"{Path.cwd()}/", "")[:200])
        time.sleep(0.005)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
    try:
        connection.request("POST", "/analyze", BODIES[0], {"Content-Type": "application/json"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
