"""The catalogue of metrics."""

import pytest

from sentiment_core.metric_names import CATALOGUE, Kind, Metric


def test_no_two_metrics_have_one_name() -> None:
    assert len({metric.name for metric in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_every_metric_is_whole(metric: Metric) -> None:
    """A histogram has ascending buckets and nothing else has any; known values are as many as the labels."""
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert all(len(values) == len(metric.labels) for values in metric.known)
    assert metric.help.endswith(".")
