"""Writes the pages that are made from code: ``python docs/generate.py``. A test fails when one differs.

metrics.md from the catalogue, settings.md from the settings, errors.md from the API's table.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from entrypoints.api.errors import ERRORS
from entrypoints.settings import describe_settings
from sentiment_core.metric_names import CATALOGUE, MAX_SERIES, OTHER, Metric

METRICS = f"""# Metrics

`GET /metrics` gives these to Prometheus, as its own text or, when the `Accept` header names
`application/openmetrics-text`, as OpenMetrics; and those of the process and of Python that `prometheus_client` adds
(`process_resident_memory_bytes`, `process_cpu_seconds_total`, `process_open_fds`, `python_info` and others).

The name is the one to query by: a counter's has the suffix `_total`, which its family in OpenMetrics has not, and a
histogram's series have `_bucket`, `_sum` and `_count`. There are no `_created` series. A metric has at most
{MAX_SERIES} sets of label values; whatever comes beyond them is counted with the value `{OTHER}` in each label. Values
that are known beforehand are there at zero from the start, so that `rate()` sees the first event.

"""

SETTINGS = """# Settings

Variables of the environment, read once, at the start. Every mistake is said in one go, a misspelt name included;
`sentiment serve --help` lists the same. The standard `AWS_*` variables are obeyed with Amazon Comprehend, and
`MLFLOW_TRACKING_URI` and `MLFLOW_EXPERIMENT_NAME` in tracking.

"""

ERROR_CODES = """# Error codes

"""


def metrics_page() -> str:
    return METRICS + table(
        ("Name", "Kind", "Labels", "Meaning", "Known values, buckets"), (_metric_row(metric) for metric in CATALOGUE)
    )


def _metric_row(metric: Metric) -> tuple[str, ...]:
    known = ", ".join(f"`{'/'.join(values)}`" for values in metric.known)
    buckets = (
        f"{len(metric.buckets)} buckets, {metric.buckets[0]:g} to {metric.buckets[-1]:g}" if metric.buckets else ""
    )
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"`{metric.exposed_name}`", metric.kind, labels, metric.help, "; ".join(filter(None, (known, buckets)))


def settings_page() -> str:
    rows = ((f"`{name}`", f"`{default}`" if default else "", text) for name, default, text in describe_settings())
    return SETTINGS + table(("Variable", "Default", "Meaning"), rows)


def errors_page() -> str:
    rows = ((f"`{code}`", str(kind.status), kind.title, kind.advice) for code, kind in ERRORS.items())
    return ERROR_CODES + table(("Code", "Status", "Title", "For example"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


PAGES: dict[str, Callable[[], str]] = {
    "metrics.md": metrics_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
}

if __name__ == "__main__":
    for name, render in PAGES.items():
        Path(__file__).with_name(name).write_text(render(), encoding="utf-8")
