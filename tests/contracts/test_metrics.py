"""PrometheusMetrics and RecordingMetrics keep the contract of Metrics."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from adapters.metrics.prometheus import PrometheusMetrics
from sentiment_core.metric_names import Kind, Metric
from sentiment_core.ports import Metrics
from sentiment_core.testing.metrics import MetricsContract, Read, RecordingMetrics

SAMPLE_SUFFIXES = {Kind.COUNTER: "_total", Kind.GAUGE: "", Kind.HISTOGRAM: "_sum"}


class TestRecordingMetrics(MetricsContract):
    def make_metrics(self, catalogue: Sequence[Metric]) -> tuple[Metrics, Read]:
        metrics = RecordingMetrics()
        return metrics, metrics.value


class TestPrometheusMetrics(MetricsContract):
    def make_metrics(self, catalogue: Sequence[Metric]) -> tuple[Metrics, Read]:
        registry = CollectorRegistry()

        def read(metric: Metric, *labels: str) -> float:
            name = metric.name + SAMPLE_SUFFIXES[metric.kind]
            value = registry.get_sample_value(name, dict(zip(metric.labels, labels, strict=True)))
            assert value is not None, f"{name}{labels} is not exposed"
            return value

        return PrometheusMetrics(catalogue, registry), read
