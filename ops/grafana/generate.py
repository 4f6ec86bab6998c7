"""Writes Grafana's dashboards from panels.py: ``python ops/grafana/generate.py``. A test fails when one differs."""

import json
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.builders.common import StackingConfig, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement, StackingMode, TooltipDisplayMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, VariableRefresh
from panels import BOARDS, Board, Panel

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = DataSourceRef("prometheus", "prometheus")  # the uid of provisioning/datasources
COLUMNS = 24
WIDTH, HEIGHT = 6, 7
FILL = {True: 40.0, False: 5.0}
"""Per cent of opacity under a line, stacked or not."""


def render(board: Board) -> str:
    """Grafana's JSON."""
    instance = (
        QueryVariable("instance")
        .label("Instance")
        .query('label_values(up{job="api"}, instance)')
        .datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
    )
    dashboard = (
        Dashboard(board.title)
        .uid(board.uid)
        .tags(["sentiment"])
        .time("now-3h", "now")
        .refresh("30s")
        .timezone("utc")
        .with_variable(instance)
    )
    numbers = iter(range(1, 1_000))
    for title, panels in board.rows.items():
        dashboard.with_row(Row(title).id(next(numbers)))
        for panel in panels:
            dashboard.with_panel(_panel(panel, next(numbers)))
    built = json.loads(JSONEncoder().encode(dashboard.build()))
    return json.dumps(_without_nulls(built), indent=2, ensure_ascii=False) + "\n"


def _panel(panel: Panel, number: int) -> timeseries.Panel | stat.Panel:
    built = stat.Panel() if panel.latest else _graph(panel)
    built.id(number).title(panel.title).unit(panel.unit).datasource(SOURCE).span(WIDTH).height(HEIGHT)
    if panel.note:
        built.description(panel.note)
    for letter, (legend, expression) in zip(string.ascii_uppercase, panel.series.items(), strict=False):
        query = prometheus.Dataquery().ref_id(letter).expr(expression).legend_format(legend)
        built.with_target(query.instant() if panel.latest else query)
    return built


def _graph(panel: Panel) -> timeseries.Panel:
    legend = VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    return (
        timeseries.Panel()
        .axis_soft_min(0)
        .fill_opacity(FILL[panel.stacked])
        .stacking(StackingConfig().mode(StackingMode.NORMAL if panel.stacked else StackingMode.NONE))
        .legend(legend.show_legend(True))
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def pages() -> Iterator[tuple[Path, str]]:
    """Each file and what it holds."""
    for board in BOARDS:
        yield FOLDER / f"{board.uid}.json", render(board)


if __name__ == "__main__":
    for file, text in pages():
        file.write_text(text, encoding="utf-8")
