"""Writes metrics.md from the catalogue: ``python docs/generate_metrics.py``. A test fails when the two differ."""

from pathlib import Path

from sentiment_core.metric_names import CATALOGUE, MAX_SERIES, OTHER, Metric

HEAD = f"""# Metrics

`GET /metrics` gives these to Prometheus, as its own text or, when the `Accept` header names
`application/openmetrics-text`, as OpenMetrics; and those of the process and of Python that `prometheus_client` adds
(`process_resident_memory_bytes`, `process_cpu_seconds_total`, `process_open_fds`, `python_info` and others).

The name is the one to query by: a counter's has the suffix `_total`, which its family in OpenMetrics has not, and a
histogram's series have `_bucket`, `_sum` and `_count`. There are no `_created` series. A metric has at most
{MAX_SERIES} sets of label values; whatever comes beyond them is counted with the value `{OTHER}` in each label. Values
that are known beforehand are there at zero from the start, so that `rate()` sees the first event.

This page is made from `src/sentiment_core/metric_names.py` by `python docs/generate_metrics.py`.

| Name | Kind | Labels | Meaning | Known values, buckets |
|---|---|---|---|---|
"""


def render() -> str:
    """The page, in Markdown."""
    return HEAD + "".join(f"| {' | '.join(_cells(metric))} |\n" for metric in CATALOGUE)


def _cells(metric: Metric) -> list[str]:
    known = ", ".join(f"`{'/'.join(values)}`" for values in metric.known)
    buckets = (
        f"{len(metric.buckets)} buckets, {metric.buckets[0]:g} to {metric.buckets[-1]:g}" if metric.buckets else ""
    )
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return [f"`{metric.exposed_name}`", metric.kind, labels, metric.help, "; ".join(filter(None, (known, buckets)))]


if __name__ == "__main__":
    Path(__file__).with_name("metrics.md").write_text(render(), encoding="utf-8")
