"""Grafana's dashboards of the repository, read from their JSON as Grafana reads them."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.integration.watching.rules import ROOT

FILES = sorted((ROOT / "ops" / "grafana" / "dashboards").glob("*.json"))


class Query(NamedTuple):
    """One expression of a panel."""

    board: str
    panel: str
    expression: str

    def filled_in(self, instance: str, window: str) -> str:
        """With Grafana's variables replaced as it replaces them."""
        return self.expression.replace("$instance", instance).replace("$__rate_interval", window)


def queries() -> Iterator[Query]:
    """Every expression of every panel."""
    for file in FILES:
        board = json.loads(file.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                yield Query(board["uid"], panel["title"], target["expr"])


def lost_keys(given: Any, kept: Any, path: str = "") -> Iterator[str]:
    """The keys of ``given`` that ``kept`` has not."""
    if isinstance(given, dict):
        for key, value in given.items():
            if isinstance(kept, dict) and key in kept:
                yield from lost_keys(value, kept[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(given, list):
        for index, value in enumerate(given):
            yield from lost_keys(value, kept[index] if index < len(kept) else None, f"{path}[{index}]")
