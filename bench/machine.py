"""Where the figures are from."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from bench.load import WRK
from bench.servers import LOAD_CORE, SERVER_CORE

PACKAGES = ("sentiment-service", "uvicorn", "httptools", "uvloop", "litestar", "msgspec", "boto3", "fastapi")


CALM = 0.5
"""A load average, over the last minute, above which the figures are not to be trusted."""

BUSY = f": WARNING: the machine is busy, above {CALM}; these figures are not to be trusted"


def describe() -> dict[str, str]:
    """The processor, what else it was doing, Python, the packages that matter, and what made the load."""
    average = os.getloadavg()[0]
    models = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": "one for the servers, one for the load" if SERVER_CORE != LOAD_CORE else "one for everything",
        "load average": f"{average:.2f} at the start" + (BUSY if average > CALM else ""),
        "load": "wrk" if WRK else "the bench's own client, which is slower than the ceiling: install wrk",
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
