"""Prometheus's rules: valid, tested, explained, and about metrics that there are."""

import re
import subprocess

import pytest

from entrypoints.api.errors import ERRORS
from tests.integration.watching.rules import (
    PROMETHEUS,
    ROOT,
    alert_tests,
    expressions,
    known_metrics,
    metrics_of,
    rules,
)
from tests.standins.programs import program

ALERTS = rules("alert")
RUNBOOK = ROOT / "docs" / "runbook.md"


def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    _succeeds(program("promtool", "prometheus"), "check", "config", str(PROMETHEUS / "prometheus.yml"))


@pytest.mark.parametrize("file", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda file: file.stem)
def test_the_unit_tests_of_the_rules_pass(file: str) -> None:
    _succeeds(program("promtool", "prometheus"), "test", "rules", str(file))


@pytest.mark.parametrize("fires", [True, False], ids=["firing", "quiet"])
def test_every_alert_has_a_unit_test_of_it_firing_and_one_of_it_quiet(fires: bool) -> None:
    tested = {alert for alert, fired in alert_tests() if fired is fires}

    assert tested == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_bad_it_is_and_leads_to_its_heading_in_the_runbook(name: str) -> None:
    alert = ALERTS[name]
    severities = set(re.findall("page|ticket", alert["labels"]["severity"]))

    assert severities, "the severity is page or ticket"
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"
    assert f"## {name}" in RUNBOOK.read_text(encoding="utf-8").splitlines()


def test_the_runbook_has_no_heading_for_an_alert_that_is_gone() -> None:
    headings = re.findall(r"^## (\w+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(headings) == {"Objectives", *ALERTS}


@pytest.mark.parametrize(
    "rule", [*ALERTS.values(), *rules("record").values()], ids=lambda rule: next(iter(rule.values()))
)
def test_a_rule_asks_only_for_metrics_that_there_are(rule: dict[str, str]) -> None:
    asked = metrics_of(rule["expr"])

    assert asked
    assert asked <= known_metrics()


@pytest.mark.parametrize("expression", sorted(expressions(RUNBOOK)))
def test_an_expression_of_the_runbook_asks_only_for_metrics_that_there_are(expression: str) -> None:
    assert metrics_of(expression) <= known_metrics()


def test_the_errors_that_are_not_the_callers_are_those_that_are_answered_with_5xx() -> None:
    (codes,) = re.findall(r'type=~"([^"]*)"', rules("record")["job:own_errors:rate5m"]["expr"])

    assert set(codes.split("|")) == {code for code, kind in ERRORS.items() if kind.status >= 500}


def test_the_names_of_metrics_are_found_in_an_expression() -> None:
    expression = 'sum by (job, le) (rate(a_total{b="c", d=~"e"}[5m])) / on (job) f:g:h > 1e9 or max_over_time(i[1d])'

    assert metrics_of(expression) == {"a_total", "f:g:h", "i"}


def _succeeds(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
