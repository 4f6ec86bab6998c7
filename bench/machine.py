"""Where the figures are from."""

import platform
from importlib.metadata import version
from pathlib import Path

from bench.load import WRK
from bench.servers import LOAD_CORE, SERVER_CORE

PACKAGES = ("sentiment-service", "uvicorn", "httptools", "uvloop", "litestar", "msgspec", "boto3", "fastapi")


def describe() -> dict[str, str]:
    """The processor, Python, the packages that matter, and what made the load."""
    models = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": "one for the servers, one for the load" if SERVER_CORE != LOAD_CORE else "one for everything",
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
