"""Grafana's dashboards: made from code, as Grafana understands them, and about metrics that there are."""

import json
import re
import runpy
from pathlib import Path

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from sentiment_core.metric_names import CATALOGUE
from tests.integration.watching.dashboards import FILES, Query, lost_keys, queries
from tests.integration.watching.rules import ROOT, known_metrics, metrics_of

GRAFANA = ROOT / "ops" / "grafana"
QUERIES = list(queries())


def test_the_dashboards_are_those_that_the_code_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails: python ops/grafana/generate.py"""
    monkeypatch.syspath_prepend(str(GRAFANA))
    made = dict(runpy.run_path(str(GRAFANA / "generate.py"))["pages"]())

    assert made == {file: file.read_text(encoding="utf-8") for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_grafana_knows_every_key_of_a_dashboard(file: Path) -> None:
    """Its types drop what they do not know without a word, a misspelt key among it."""
    register_default_plugins()
    raw = json.loads(file.read_text(encoding="utf-8"))
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(raw)))

    assert list(lost_keys(raw, kept)) == []
    raw["panels"][1]["feildConfig"] = raw["panels"][1]["fieldConfig"]
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(raw)))
    assert list(lost_keys(raw, kept)) == [".panels[1].feildConfig"]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.board}-{query.panel}")
def test_a_panel_asks_only_for_metrics_that_there_are(query: Query) -> None:
    asked = metrics_of(query.expression)

    assert asked
    assert asked <= known_metrics()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.board}-{query.panel}")
def test_a_panel_tells_apart_only_by_labels_that_there_are(query: Query) -> None:
    labels = {metric.exposed_name: {"job", "instance", *metric.labels} for metric in CATALOGUE}
    for by, name in re.findall(
        r"by \(([^)]*)\) \((?:rate\(|increase\()?(\w+?)(?:_bucket|_sum|_count)?\{", query.expression
    ):
        if name in labels:
            assert set(by.split(", ")) - {"le"} <= labels[name]


def test_every_metric_of_the_service_is_on_a_dashboard() -> None:
    shown = {name for query in QUERIES for name in metrics_of(query.expression)}
    hidden = {
        metric.name
        for metric in CATALOGUE
        if not {metric.exposed_name, f"{metric.name}_bucket", f"{metric.name}_count"} & shown
    }

    assert hidden == set()


def test_the_panels_ask_the_data_source_that_is_provisioned() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())["datasources"]
    asked = {
        (panel["datasource"]["type"], panel["datasource"]["uid"])
        for file in FILES
        for panel in json.loads(file.read_text())["panels"]
        if "targets" in panel
    }

    assert asked == {(source["type"], source["uid"])}
