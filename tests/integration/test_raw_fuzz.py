"""Hostile bytes over real sockets, into a server process: it never answers 5xx, and goes on serving.

FUZZ_INPUTS says how many; ``nox -s fuzz`` sends 100,000.
"""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fuzzing import client
from tests.fuzzing.inputs import bodies, requests

INPUTS = int(os.environ.get("FUZZ_INPUTS", "3000"))
BODIES = INPUTS * 6 // 10


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "log"


@pytest.fixture(scope="module")
def port(log: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.fuzzing.server"]
    with log.open("w") as file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)


def report(what: str, statuses: Counter[int], seconds: float) -> None:
    count = sum(statuses.values())
    counted = ", ".join(f"{number:,} x {status or 'no answer'}" for status, number in sorted(statuses.items()))
    sys.stdout.write(f"\n{count:,} {what} in {seconds:.0f} s, {count / seconds:,.0f} a second: {counted}\n")


def test_no_hostile_body_gives_a_5xx(port: int) -> None:
    """Rows 48 to 50, 53, 54, 56."""
    start = time.monotonic()
    statuses: Counter[int] = Counter()
    for path in ("/analyze", "/analyze/batch"):
        hostile = bodies(random.Random(f"bodies over sockets for {path}"), BODIES // 2)
        statuses += asyncio.run(client.send_bodies(port, hostile, path.encode()))
    report("bodies", statuses, time.monotonic() - start)

    assert statuses.total() == BODIES // 2 * 2
    assert set(statuses) <= {200, 400, 413}
    assert statuses[200] > BODIES // 50


def test_no_hostile_request_gives_a_5xx(port: int) -> None:
    """Rows 50, 58 to 60."""
    start = time.monotonic()
    hostile = requests(random.Random("requests over sockets"), INPUTS - BODIES)
    statuses = asyncio.run(client.send_requests(port, hostile))
    report("requests", statuses, time.monotonic() - start)

    assert max(statuses) < 500
    assert {400, 401} <= set(statuses)
    assert statuses[0] < statuses.total() // 3


def test_the_server_has_seen_none_either_and_goes_on_serving(port: int, log: Path) -> None:
    """Some answers nobody waited for; the series of metrics stay few (row 72)."""
    metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text

    assert re.findall(r'request_count_total{.*status="5.."} [1-9].*', metrics) == []
    assert re.findall(r'error_count_total{type="internal_error"} [1-9].*', metrics) == []
    assert log.read_text() == ""
    assert len(re.findall(r"^request_count_total{", metrics, re.MULTILINE)) < 60
