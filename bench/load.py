"""Closed-loop load: so many callers, each of whom sends the next request when the last is answered."""

import shutil
import subprocess
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile

import msgspec
from msgspec import Struct

from bench import client
from bench.key import AUTHORIZATION
from bench.servers import Server

WRK = shutil.which("wrk")
_SCRIPT = Path(__file__).with_name("wrk.lua")
_PATIENCE_S = 30
"""How long wrk waits for an answer before it counts it as lost: longer than any stack here takes."""


class Load(Struct, frozen=True):
    """What a stack did. ``per_second`` counts successes; ``failures`` are other statuses and lost connections.

    ``cpu_us`` is the server's processor time for each request that was answered, in microseconds: unlike the rest it
    does not depend on how fast the load generator is.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    failures: int
    cpu_us: float = 0.0


def closed(server: Server, concurrency: int, seconds: float) -> Load:
    """Has ``concurrency`` callers send its bodies in turn to ``POST /analyze`` for some whole seconds, at least one."""
    whole_seconds = max(1, round(seconds))
    before = server.cpu_seconds()
    load = (_wrk if WRK else _own)(server, concurrency, whole_seconds)
    spent = server.cpu_seconds() - before
    answered = load.per_second * whole_seconds + load.failures
    return msgspec.structs.replace(load, cpu_us=spent / max(answered, 1) * 1e6)


def alternated(servers: dict[str, Server], concurrency: int, seconds: float, rounds: int) -> dict[str, Load]:
    """The medians of each server over rounds in which all have their turn, after a short warm-up.

    A turn ends when the server is idle: what it still does for callers who have gone would slow the next one.
    """
    for server in servers.values():
        server.settle()
        closed(server, concurrency, 1)
        server.settle()
    runs: dict[str, list[Load]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            runs[name].append(closed(server, concurrency, seconds))
            server.settle()
    return {name: _medians(loads) for name, loads in runs.items()}


def _medians(loads: list[Load]) -> Load:
    return Load(
        per_second=median(load.per_second for load in loads),
        p50_ms=median(load.p50_ms for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        failures=sum(load.failures for load in loads),
        cpu_us=median(load.cpu_us for load in loads),
    )


def _wrk(server: Server, concurrency: int, seconds: int) -> Load:
    url = f"{server.address}/analyze"
    with NamedTemporaryFile(suffix=".json") as bodies:
        bodies.write(b"\n".join(server.bodies))
        bodies.flush()
        command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", f"--timeout={_PATIENCE_S}s", f"-s{_SCRIPT}", url]
        done = subprocess.run(
            [*command, "--", bodies.name, AUTHORIZATION], capture_output=True, check=True, timeout=seconds + _PATIENCE_S
        )
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Load)


def _own(server: Server, concurrency: int, seconds: int) -> Load:
    answers = client.closed(f"{server.address}/analyze", concurrency, seconds, server.bodies)
    good = [answer.seconds for answer in answers if answer.status == 200]
    return Load(
        per_second=len(good) / seconds,
        p50_ms=client.percentile(good, 0.50) * 1e3,
        p99_ms=client.percentile(good, 0.99) * 1e3,
        failures=len(answers) - len(good),
    )
