"""Where the figures are from."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from bench.load import WRK
from bench.servers import LOAD_CORE, SERVER_CORE

PACKAGES = ("sentiment-service", "uvicorn", "httptools", "uvloop", "litestar", "msgspec", "boto3", "fastapi")


CALM = 0.5
"""A load average, over the last minute, above which the figures are not to be trusted."""

SHARED = 1.2
"""So many times slower, and two cores are not two."""

_SPIN = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
end, rounds = time.perf_counter() + float(sys.argv[2]), 0
while time.perf_counter() < end:
    sum(range(10_000))
    rounds += 1
print(rounds)
"""

SLOW = 0.02
"""So much of the time with slow memory, and a 99th percentile is the machine's."""

_TOUCH = """
import os, statistics, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
memory, times = bytearray(b"1") * (64 << 20), []
end = time.perf_counter() + float(sys.argv[2])
while (start := time.perf_counter()) < end:
    memory[::4096]
    times.append(time.perf_counter() - start)
usual = statistics.median(times)
slow = [seconds for seconds in times if seconds > 3 * usual]
print(sum(slow) / sum(times), statistics.median(slow) / usual if slow else 1)
"""

BUSY = f": WARNING: the machine is busy, above {CALM}; these figures are not to be trusted"


def describe() -> dict[str, str]:
    """The processor, what else it was doing, Python, the packages that matter, and what made the load."""
    average = os.getloadavg()[0]
    models = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": _cores(),
        "memory": _memory(),
        "load average": f"{average:.2f} at the start" + (BUSY if average > CALM else ""),
        "load": "wrk" if WRK else "the bench's own client, which is slower than the ceiling: install wrk",
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _cores() -> str:
    """Whose cores are whose, and whether one is slower while the other works, as two threads of one core are."""
    if SERVER_CORE == LOAD_CORE:
        return "one for everything"
    alone = int(_spin(SERVER_CORE, 0.5).communicate()[0])
    neighbour, together = _spin(LOAD_CORE, 1.0), _spin(SERVER_CORE, 0.5)
    slower = alone / int(together.communicate()[0])
    neighbour.communicate()
    said = "one for the servers, one for the load"
    if slower <= SHARED:
        return said
    return f"{said}: WARNING: each is {slower:.1f} times slower while the other works, which favours the slower stack"


def _memory() -> str:
    """Whether now and then a page takes longer to reach, as when another guest of the host is at work."""
    command = [sys.executable, "-c", _TOUCH, str(SERVER_CORE), "5"]
    share, slower = map(float, subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.split())
    if share < SLOW:
        return "as fast at all times"
    return f"WARNING: {slower:.0f} times slower for {share:.0%} of the time, which is in every 99th percentile"


def _spin(core: int, seconds: float) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", _SPIN, str(core), str(seconds)], stdout=subprocess.PIPE)


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
