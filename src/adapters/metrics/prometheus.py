"""Metrics kept by prometheus_client, for Prometheus to collect."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import prometheus_client.metrics_core
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from sentiment_core.metric_names import CATALOGUE, Kind, Metric
from sentiment_core.series import Series

_OPENMETRICS = "application/openmetrics-text"

M = TypeVar("M", Counter, Gauge, Histogram)


class PrometheusMetrics:
    """The metrics of ``catalogue``, and those of the process (memory, processor time, open files), on ``registry``.

    The registry is a new one when none is given: never prometheus_client's global one.
    """

    def __init__(self, catalogue: Sequence[Metric] = CATALOGUE, registry: CollectorRegistry | None = None) -> None:
        self._registry = CollectorRegistry() if registry is None else registry
        self._counters = {
            metric.name: _series(metric, self._counter(metric)) for metric in _of(Kind.COUNTER, catalogue)
        }
        self._gauges = {metric.name: _series(metric, self._gauge(metric)) for metric in _of(Kind.GAUGE, catalogue)}
        self._histograms = {
            metric.name: _series(metric, self._histogram(metric)) for metric in _of(Kind.HISTOGRAM, catalogue)
        }
        self._addable: dict[str, Series[Counter] | Series[Gauge]] = {**self._counters, **self._gauges}
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        self._addable[metric.name][labels].inc(amount)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        self._gauges[metric.name][labels].set(value)

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        self._histograms[metric.name][labels].observe(value)

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics, and the content type: OpenMetrics if the Accept header names it, else Prometheus's text."""
        # prometheus_client fails on an Accept header with an odd version, so it gets one of two of ours.
        encode, content_type = choose_encoder(f"{_OPENMETRICS};version=1.0.0" if _OPENMETRICS in accept else "")
        return encode(_WithoutCreated(self._registry)), content_type

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.labels, registry=self._registry)

    def _gauge(self, metric: Metric) -> Gauge:
        return Gauge(metric.name, metric.help, metric.labels, registry=self._registry)

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self._registry)


class _WithoutCreated:
    """A registry without ``_created`` series. prometheus_client can leave them out for a whole process only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[prometheus_client.metrics_core.Metric]:
        for family in self._registry.collect():
            family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield family


def _of(kind: Kind, catalogue: Sequence[Metric]) -> list[Metric]:
    return [metric for metric in catalogue if metric.kind is kind]


def _series(metric: Metric, family: M) -> Series[M]:
    def make(values: tuple[str, ...]) -> M:
        return family.labels(*map(_encodable, values)) if values else family

    return Series(metric, make)


def _encodable(value: str) -> str:
    """The value with lone surrogates replaced: one of them would make every exposition fail."""
    return value.encode("utf-8", "replace").decode("utf-8")
