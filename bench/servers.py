"""Servers as processes of their own, on one core; whoever makes the load has the other."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.key import AUTHORIZATION
from bench.texts import BODIES
from entrypoints.settings import describe_settings

START_S = 30
SETTLE_S = 20
STOP_S = 10

QUIET = 0.04
"""Share of a core at which a server is idle."""

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]

SENTIMENT = Path(sys.executable).with_name("sentiment")
KNOWN_SETTINGS = frozenset(variable for variable, _, _ in describe_settings())
"""Those of the service that is installed."""


class StartError(Exception):
    """A server did not come up; the message has what it said last."""


class Server:
    """A process that answers on ``address``; ``started_s`` is how long it took until it did, in seconds.

    ``bodies`` are those of its ``POST /analyze``, and ``quiet`` the share of a core that it takes when it is idle.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], address: str, started_s: float, bodies: Sequence[bytes], quiet: float
    ) -> None:
        self._pid = process.pid
        self.address = address
        self.started_s = started_s
        self.bodies = bodies
        self._quiet = quiet

    def cpu_seconds(self) -> float:
        """Processor time so far, of all its threads, and of the processes that it has now."""
        return sum(map(_cpu_seconds, _family(self._pid)))

    def settle(self) -> None:
        """Returns when it is idle for a second: after its start the service opens its record of runs for seconds."""
        end, quiet_for = time.perf_counter() + SETTLE_S, 0.0
        while quiet_for < 1.0 and time.perf_counter() < end:
            before = self.cpu_seconds()
            time.sleep(0.5)
            quiet_for = quiet_for + 0.5 if self.cpu_seconds() - before < 0.5 * self._quiet else 0.0
        if quiet_for < 1.0:
            print(f"WARNING: a server is still busy after {SETTLE_S} s without a request", file=sys.stderr)

    def resident_mb(self) -> float:
        """Memory that it occupies now, in millions of bytes."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def stack(name: str, *arguments: str, core: int = SERVER_CORE, **variables: str) -> Iterator[Server]:
    """``bench.stacks.NAME`` until the end of the block. Settings that the service does not know are left out."""
    command = [sys.executable, "-m", f"bench.stacks.{name}"]
    with process(lambda port: [*command, str(port), *arguments], core, _known(variables)) as server:
        server.settle()
        yield server


@contextmanager
def service(**variables: str) -> Iterator[Server]:
    """``sentiment serve``, as a user starts it, ready and settled; settings likewise."""
    with _service(variables) as server:
        if not _await(lambda: _answers(server.address, "GET", "/health/ready"), START_S):
            raise StartError("it does not become ready")
        server.settle()
        yield server


def start_seconds(**variables: str) -> float:
    """How long ``sentiment serve`` takes until it answers."""
    with _service(variables) as server:
        return server.started_s


def _service(variables: Mapping[str, str]) -> AbstractContextManager[Server]:
    return process(lambda port: [str(SENTIMENT), "serve", "--port", str(port)], SERVER_CORE, _known(variables))


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
def process(
    command: Callable[[int], Sequence[str]],
    core: int,
    variables: Mapping[str, str],
    *,
    bodies: Sequence[bytes] = BODIES,
    quiet: float = QUIET,
    start_s: float = START_S,
) -> Iterator[Server]:
    """What ``command`` starts on a port, all its processes on one core, from its first answer to the end of the block.

    Raises StartError when there is none within ``start_s``.
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with TemporaryDirectory(ignore_cleanup_errors=True) as data:
        log = Path(data, "log")
        start = time.perf_counter()
        with log.open("wb") as output:
            started = subprocess.Popen(
                command(port),
                stdout=output,
                stderr=output,
                env=_environment(data, variables),
                bufsize=0,
                start_new_session=True,
            )
        try:
            os.sched_setaffinity(started.pid, {core})  # before it can have started others, which inherit it
            answers = _await(
                lambda: started.poll() is not None or _answers(address, "POST", "/analyze", bodies[0]), start_s
            )
            if not answers or started.poll() is not None:
                lines = log.read_text(errors="replace").strip().splitlines() or ["It said nothing."]
                raise StartError(lines[-1].replace(f"{Path.cwd()}/", "")[:200])
            yield Server(started, address, time.perf_counter() - start, bodies, quiet)
        finally:
            _end(started)


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
        "HOME": data,
        "TMPDIR": data,
        "SENTIMENT_DATA_DIR": data,
        **variables,
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await(happened: Callable[[], bool], seconds: float) -> bool:
    """Whether it has happened within these seconds."""
    end = time.perf_counter() + seconds
    while not (done := happened()) and time.perf_counter() < end:
        time.sleep(0.005)
    return done


HEADERS = {"Content-Type": "application/json", "Authorization": AUTHORIZATION}


def _answers(address: str, method: str, path: str, body: bytes | None = None) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=START_S)
    try:
        connection.request(method, path, body, HEADERS)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the first process to end, then ends all that are left: of its group, and of those of its family."""
    family = _family(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def _family(pid: int) -> list[int]:
    """The process and all that it has started, and they in turn."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    family = [pid]
    for parent in family:
        family += children.get(parent, [])
    return family


def _cpu_seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(pid: int) -> list[str]:
    """What Linux tells of a process, from its state on (proc(5)); nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
