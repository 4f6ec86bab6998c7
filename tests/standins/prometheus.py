"""Real servers of Prometheus and Alertmanager, of a test's own, on free ports of this machine."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.standins.programs import free_port, program, running

ROOT = Path(__file__).parents[2]


class PrometheusServer:
    """What it answers."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of now. An expression that does not parse is an AssertionError."""
        return self._ask("query", query=expression)["result"]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The series from ``start`` to ``end``, which are Unix times in seconds."""
        return self._ask("query_range", query=expression, start=str(start), end=str(end), step=str(step))["result"]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, what: str, **parameters: str) -> Any:
        reply = self._client.get(f"/api/v1/{what}", params=parameters).json()
        assert reply["status"] == "success", f"{parameters}: {reply['error']}"
        return reply["data"]


@contextlib.contextmanager
def prometheus(folder: Path, configuration: Mapping[str, Any]) -> Iterator[PrometheusServer]:
    """A started one; it keeps its data in ``folder``."""
    command = program("prometheus", "prometheus")
    port = free_port()
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(dict(configuration)), encoding="utf-8")
    with (
        running(
            folder / "prometheus.log",
            [
                command,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            f"http://127.0.0.1:{port}/-/ready",
        ),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        yield PrometheusServer(client)


@contextlib.contextmanager
def alertmanager(folder: Path, **environment: str) -> Iterator[str]:
    """The address, as HOST:PORT, of one that our start.sh has started with these variables; it tells at once."""
    (folder / "alertmanager").symlink_to(program("prometheus-alertmanager", "prometheus-alertmanager"))
    ours = shutil.copytree(ROOT / "ops" / "alertmanager", folder / "ours")
    file = ours / "alertmanager.yml"
    file.write_text(file.read_text().replace("group_wait: 30s", "group_wait: 0s"))
    port = free_port()
    with running(
        folder / "alertmanager.log",
        [
            "/bin/sh",
            str(ours / "start.sh"),
            f"--storage.path={folder / 'alerts'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        f"http://127.0.0.1:{port}/-/ready",
        **{"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder), **environment},
    ):
        yield f"127.0.0.1:{port}"
