"""What the repository says to Prometheus, read from its files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sentiment_core.metric_names import CATALOGUE, Kind, Metric

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "ops" / "prometheus"

FOREIGN = {
    "up": "Prometheus itself",
    "process_cpu_seconds_total": "prometheus_client",
    "process_open_fds": "prometheus_client",
    "process_resident_memory_bytes": "prometheus_client",
    "probe_success": "blackbox_exporter",
    "probe_ssl_earliest_cert_expiry": "blackbox_exporter",
}
"""Metrics of others that our expressions use, and whose they are."""

_NO_METRIC = re.compile(
    r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]'  # strings, label matchers, ranges
    r"|\b(?:by|without|on|ignoring|group_left|group_right)\b(?:\s*\([^)]*\))?"
    r"|\b(?:and|or|unless|bool|offset)\b"
    r"|\b[a-z_]\w*(?=\s*(?:\(|by\b|without\b))"  # functions
    r"|\b[\d.]+(?:e\d+)?\b"
)


def rules(kind: str) -> dict[str, dict[str, Any]]:
    """The rules of ``kind`` (alert, record) by name."""
    groups = [group for file in sorted((PROMETHEUS / "rules").glob("*.yml")) for group in _read(file)["groups"]]
    return {rule[kind]: rule for group in groups for rule in group["rules"] if kind in rule}


def alert_tests() -> Iterator[tuple[str, bool]]:
    """(alert, whether it is to fire) of every unit test."""
    for file in sorted((PROMETHEUS / "tests").glob("*.yml")):
        for test in _read(file)["tests"]:
            for case in test.get("alert_rule_test", ()):
                yield case["alertname"], bool(case["exp_alerts"])


def metrics_of(expression: str) -> set[str]:
    """The names of metrics in an expression of PromQL."""
    return set(re.findall(r"[a-zA-Z_:][\w:]*", _NO_METRIC.sub(" ", expression)))


def expressions(page: Path) -> set[str]:
    """The expressions of PromQL that a page of Markdown shows: what is code and has brackets."""
    return {code for code in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8")) if "(" in code}


def known_metrics() -> set[str]:
    """All names that an expression may use."""
    return {name for metric in CATALOGUE for name in _series(metric)} | set(FOREIGN) | set(rules("record"))


def _series(metric: Metric) -> tuple[str, ...]:
    if metric.kind is Kind.HISTOGRAM:
        return tuple(f"{metric.name}_{suffix}" for suffix in ("bucket", "sum", "count"))
    return (metric.exposed_name,)


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
