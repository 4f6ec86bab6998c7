"""Draws the dashboards' panels, for where no Grafana can be run: ``PYTHONPATH=.:src python ops/grafana/draw.py``.

It takes ten minutes and needs Debian's package prometheus and the dependency group ``pictures``. A real service under
load has Amazon Comprehend's stand-in behind it, which fails for a while; a real Prometheus with our rules watches; and
each panel's own expressions are drawn, over that time, to docs/images. Only the intervals are shorter than usual.
"""

import asyncio
import itertools
import math
import random
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import matplotlib.pyplot as plt
import yaml
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from panels import BOARDS, Board, Panel
from PIL import Image
from tests.e2e.serving import serve
from tests.standins.aws import DUMMY_AWS
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import failed
from tests.standins.prometheus import PrometheusServer, prometheus

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"

HEALTHY_S, OUTAGE_S, AFTER_S = 180, 120, 200
REQUESTS_A_SECOND = 8
STEP_S = 2
WINDOW = "20s"
COLUMNS = 4
UNITS = {
    "percentunit": "share",
    "reqps": "per second",
    "ops": "per second",
    "s": "s",
    "short": "",
    "bytes": "MB",
    "currencyUSD": "$",
}

SUBJECTS = ("The staff", "The room in Lisbon", "Our guide Maria", "The train to Vienna", "Dinner at Rossi's")
VERDICTS = ("was wonderful", "was terrible", "was there at nine", "was great but far too loud", "was bad, alas")


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        comprehend = stack.enter_context(ComprehendStandIn(latency=0.08))
        service = stack.enter_context(
            serve(
                folder,
                SENTIMENT_ANALYZER="comprehend",
                SENTIMENT_BUDGET_USD_PER_DAY="2",
                AWS_ENDPOINT_URL_COMPREHEND=comprehend.endpoint_url,
                **DUMMY_AWS,
            )
        )
        instance = service.address.removeprefix("http://")
        server = stack.enter_context(prometheus(folder, configuration(instance)))
        start = time.time()
        asyncio.run(load(service.address, comprehend))
        times = (start + 2 * STEP_S, start + HEALTHY_S + OUTAGE_S + AFTER_S)
        for board in BOARDS:
            draw(board, server, instance, times)


def configuration(instance: str) -> dict[str, Any]:
    """Ours, with a scrape every STEP_S seconds, of this one service and of Prometheus itself."""
    ours = ROOT / "ops" / "prometheus"
    given = yaml.safe_load((ours / "prometheus.yml").read_text(encoding="utf-8"))
    (api,) = [job for job in given["scrape_configs"] if job["job_name"] == "api"]
    intervals = {"scrape_interval": f"{STEP_S}s", "scrape_timeout": f"{STEP_S}s", "evaluation_interval": f"{STEP_S}s"}
    return {
        "global": intervals,
        "rule_files": [str(ours / pattern) for pattern in given["rule_files"]],
        "scrape_configs": [{**api, "static_configs": [{"targets": [instance]}]}],
    }


async def load(address: str, comprehend: ComprehendStandIn) -> None:
    """Requests in open loop; Comprehend fails from HEALTHY_S on, for OUTAGE_S seconds."""
    asyncio.get_running_loop().call_later(HEALTHY_S, comprehend.fail_always, failed("InternalServerException", 500))
    asyncio.get_running_loop().call_later(HEALTHY_S + OUTAGE_S, comprehend.fail_always, None)
    async with httpx.AsyncClient(base_url=address, timeout=60) as client, asyncio.TaskGroup() as group:
        end = time.monotonic() + HEALTHY_S + OUTAGE_S + AFTER_S
        for number in itertools.count():
            if time.monotonic() >= end:
                break
            group.create_task(ask(client, number))
            await asyncio.sleep(random.expovariate(REQUESTS_A_SECOND))


async def ask(client: httpx.AsyncClient, number: int) -> None:
    """Mostly one text, often one that was asked before; at times several, or one that is refused."""
    text = f"{random.choice(SUBJECTS)} {random.choice(VERDICTS)} on day {random.randrange(1 + number // 2)}."
    if number % 40 == 0:
        await client.post("/analyze", json={"text": ""})
    elif number % 10 == 0:
        await client.post("/analyze/batch", json={"documents": [{"text": f"{text} {part}"} for part in range(8)]})
    else:
        await client.post("/analyze", json={"text": text})


def draw(board: Board, server: PrometheusServer, instance: str, times: tuple[float, float]) -> None:
    """One picture of all panels of a dashboard."""
    rows = math.ceil(len(board.panels) / COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(4 * COLUMNS, 2.6 * rows), layout="constrained")
    for panel, place in itertools.zip_longest(board.panels, axes.flat):
        if panel is None:
            place.axis("off")
        else:
            _draw_panel(panel, place, server, instance, times)
    figure.suptitle(f"{board.title} (grey: Amazon Comprehend fails)", fontsize=12)
    IMAGES.mkdir(exist_ok=True)
    file = IMAGES / f"{board.uid}.png"
    figure.savefig(file, dpi=75)
    plt.close(figure)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(64).save(file, optimize=True)


def _draw_panel(panel: Panel, axes: Axes, server: PrometheusServer, instance: str, times: tuple[float, float]) -> None:
    drawn: list[tuple[str, list[float], list[float]]] = []
    for legend, expression in panel.series.items():
        asked = expression.replace("$instance", instance).replace("$__rate_interval", WINDOW)
        for series in server.query_range(asked, *times, STEP_S):
            labels = {**series["metric"], "instance": "api:8000"}
            name = re.sub(r"\{\{(\w+)\}\}", lambda match, labels=labels: labels.get(match[1], ""), legend)
            seconds = [float(at) - times[0] for at, _ in series["values"]]
            drawn.append((name, seconds, [float(value) for _, value in series["values"]]))
    scale = 1e-6 if panel.unit == "bytes" else 1.0
    if panel.stacked:
        _stack(axes, drawn)
    else:
        for name, seconds, values in drawn:
            axes.plot(seconds, [value * scale for value in values], label=name, linewidth=1)
    axes.axvspan(HEALTHY_S, HEALTHY_S + OUTAGE_S, color="0.9", zorder=0)
    axes.set_title(panel.title, fontsize=9)
    axes.set_ylabel(UNITS[panel.unit], fontsize=7)
    axes.set_ylim(bottom=0 if not panel.latest else None, top=1.3 * axes.get_ylim()[1])  # the legend has its place
    axes.set_xlim(0, times[1] - times[0])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda second, _: f"{int(second) // 60}:{int(second) % 60:02}"))
    axes.tick_params(labelsize=7)
    if any(name for name, _, _ in drawn):
        axes.legend(fontsize=6, framealpha=0.5, edgecolor="none", loc="upper left", ncols=1 + len(drawn) // 5)


def _stack(axes: Axes, drawn: list[tuple[str, list[float], list[float]]]) -> None:
    """Series of different length on one another: one that is not there is 0."""
    times = sorted({second for _, seconds, _ in drawn for second in seconds})
    filled = [
        [0.0 if math.isnan(value := points.get(second, 0.0)) else value for second in times]
        for points in (dict(zip(seconds, values, strict=True)) for _, seconds, values in drawn)
    ]
    axes.stackplot(times, filled, labels=[name for name, _, _ in drawn], alpha=0.7, zorder=1)


if __name__ == "__main__":
    main()
