"""Metrics kept in memory, for Prometheus to collect."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString

from sentiment_core.metric_names import CATALOGUE, Kind, Metric
from sentiment_core.series import Series

_OPENMETRICS = "application/openmetrics-text"
_EXPOSED = {
    Kind.COUNTER: CounterMetricFamily,
    Kind.GAUGE: GaugeMetricFamily,
    Kind.HISTOGRAM: HistogramMetricFamily,
}


class PrometheusMetrics:
    """The metrics of ``catalogue``, and those of the process (memory, processor time, open files), on ``registry``.

    The registry is a new one when none is given: never prometheus_client's global one. That package reads the process
    and writes the formats. It does not count: its counters and histograms take several times as long as a lock, an
    addition and a bisection, and a request has a dozen of them.
    """

    def __init__(self, catalogue: Sequence[Metric] = CATALOGUE, registry: CollectorRegistry | None = None) -> None:
        self._registry = CollectorRegistry() if registry is None else registry
        self._lock = Lock()
        self._acquire, self._release = self._lock.acquire, self._lock.release  # ``with`` takes three times as long
        self._numbers = {
            metric.name: _Family(metric, _Number) for metric in catalogue if metric.kind is not Kind.HISTOGRAM
        }
        self._distributions = {
            metric.name: _Family(metric, _Distribution) for metric in catalogue if metric.kind is Kind.HISTOGRAM
        }
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        number = self._numbers[metric.name][labels]
        self._acquire()
        try:
            number.value += amount
        finally:
            self._release()

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        number = self._numbers[metric.name][labels]
        with self._lock:
            number.value = value

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        distribution = self._distributions[metric.name][labels]
        bucket = bisect_left(metric.buckets, value)
        self._acquire()
        try:
            distribution.counts[bucket] += 1
            distribution.sum += value
        finally:
            self._release()

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics, and the content type: OpenMetrics if the Accept header names it, else Prometheus's text."""
        # prometheus_client fails on an Accept header with an odd version, so it gets one of two of ours.
        encode, content_type = choose_encoder(f"{_OPENMETRICS};version=1.0.0" if _OPENMETRICS in accept else "")
        return encode(self._registry), content_type

    def collect(self) -> Iterator[Any]:
        """The families in prometheus_client's terms: its registry calls this whenever it is read."""
        families: list[_Family[Any]] = [*self._numbers.values(), *self._distributions.values()]
        for family in families:
            with self._lock:
                exposed = family.exposed()
            yield exposed


class _Number:
    """One series of a counter or a gauge."""

    __slots__ = ("value",)

    def __init__(self, _: Metric) -> None:
        self.value = 0.0

    def expose(self, family: Any, labels: tuple[str, ...]) -> None:
        family.add_metric(labels, self.value)


class _Distribution:
    """One series of a histogram. ``counts`` are of each bucket alone; the last one has no upper bound."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, metric: Metric) -> None:
        self._bounds = [floatToGoString(bound) for bound in (*metric.buckets, math.inf)]  # type: ignore[no-untyped-call]
        self.counts = [0] * len(self._bounds)
        self.sum = 0.0

    def expose(self, family: Any, labels: tuple[str, ...]) -> None:
        family.add_metric(labels, list(zip(self._bounds, accumulate(self.counts), strict=True)), self.sum)


S = TypeVar("S", bound=_Number | _Distribution)


class _Family(Series[S]):
    """The series of one metric by the label values as they are counted, and as they are exposed."""

    def __init__(self, metric: Metric, new: type[S]) -> None:
        self._exposed: dict[tuple[str, ...], S] = {}
        super().__init__(metric, lambda values: self._exposed.setdefault(tuple(map(_encodable, values)), new(metric)))

    def exposed(self) -> Any:
        metric = self._metric
        family = _EXPOSED[metric.kind](metric.name, metric.help, labels=metric.labels)
        for labels, series in list(self._exposed.items()):
            series.expose(family, labels)
        return family


def _encodable(value: str) -> str:
    """The value with lone surrogates replaced: one of them would make every exposition fail."""
    return value.encode("utf-8", "replace").decode("utf-8")
