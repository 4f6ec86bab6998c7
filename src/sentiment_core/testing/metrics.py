"""RecordingMetrics, and what every Metrics must do: inherit MetricsContract and say how to make yours."""

from collections.abc import Callable, Sequence

from sentiment_core.metric_names import MAX_SERIES, OTHER, Kind, Metric
from sentiment_core.ports import Metrics
from sentiment_core.series import Series

Read = Callable[..., float]
"""``read(metric, *labels)``: a counter's total, a gauge's value, the sum of a histogram's observations."""


class RecordingMetrics:
    """Keeps everything, of any metric, for a test to read back."""

    def __init__(self) -> None:
        self._recorded: dict[str, Series[list[float]]] = {}

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        self._series(metric, labels).append(amount)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        self._series(metric, labels)[:] = [value]

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        self._series(metric, labels).append(value)

    def value(self, metric: Metric, *labels: str) -> float:
        """A counter's total, a gauge's value, the sum of a histogram's observations; 0 when there was nothing."""
        return sum(self.observations(metric, *labels))

    def observations(self, metric: Metric, *labels: str) -> list[float]:
        """What a histogram was given, in order."""
        return list(self._all(metric).get(labels, ()))

    def labels(self, metric: Metric) -> list[tuple[str, ...]]:
        """The label values of the metric's series."""
        return list(self._all(metric))

    def _series(self, metric: Metric, labels: tuple[str, ...]) -> list[float]:
        return self._all(metric)[labels]

    def _all(self, metric: Metric) -> Series[list[float]]:
        return self._recorded.setdefault(metric.name, Series(metric, lambda _: []))


COUNTER = Metric("contract_count", Kind.COUNTER, "Counted.", ("kind",))
GAUGE = Metric("contract_level", Kind.GAUGE, "Goes up and down.", ("kind",))
PLAIN = Metric("contract_plain", Kind.GAUGE, "Has no labels.")
HISTOGRAM = Metric("contract_seconds", Kind.HISTOGRAM, "Observed.", ("kind", "size"), buckets=(1.0, 2.0))

AWKWARD = ("", " ", "a\nb", 'quote"d', "back\\slash", "nul\x00", "\ud800", "😀", "x" * 10_000)


class MetricsContract:
    """Override ``make_metrics``; a test runner finds the rest."""

    def make_metrics(self, catalogue: Sequence[Metric]) -> tuple[Metrics, Read]:
        """A new one for the metrics of ``catalogue``, and a way to read what it holds."""
        raise AssertionError("override make_metrics")

    def _make(self) -> tuple[Metrics, Read]:
        return self.make_metrics((COUNTER, GAUGE, PLAIN, HISTOGRAM))

    def test_a_counter_adds_up_by_label(self) -> None:
        metrics, read = self._make()
        metrics.add(COUNTER, 1, "a")
        metrics.add(COUNTER, 2.5, "a")
        metrics.add(COUNTER, 4, "b")
        assert (read(COUNTER, "a"), read(COUNTER, "b")) == (3.5, 4)

    def test_a_gauge_moves_both_ways_and_can_be_set(self) -> None:
        metrics, read = self._make()
        metrics.add(GAUGE, 5, "a")
        metrics.add(GAUGE, -2, "a")
        assert read(GAUGE, "a") == 3
        metrics.set(GAUGE, 7, "a")
        metrics.add(GAUGE, 1, "a")
        assert read(GAUGE, "a") == 8

    def test_a_histogram_takes_any_observation(self) -> None:
        metrics, read = self._make()
        for value in (0, 0.5, 1.0, 100.0):
            metrics.observe(HISTOGRAM, value, "a", "small")
        assert read(HISTOGRAM, "a", "small") == 101.5

    def test_a_metric_without_labels_is_there_from_the_start(self) -> None:
        metrics, read = self._make()
        assert read(PLAIN) == 0
        metrics.set(PLAIN, 2)
        assert read(PLAIN) == 2

    def test_no_label_value_raises(self) -> None:
        metrics, read = self._make()
        for value in AWKWARD:
            metrics.add(COUNTER, 1, value)
        metrics.add(COUNTER, 1, "after them")
        assert read(COUNTER, "after them") == 1

    def test_labels_beyond_the_bound_are_counted_as_other(self) -> None:
        metrics, read = self._make()
        for number in range(MAX_SERIES + 50):
            metrics.add(COUNTER, 1, f"value {number}")
            metrics.observe(HISTOGRAM, 2, "a", f"value {number}")
        assert read(COUNTER, OTHER) == 50
        assert read(HISTOGRAM, OTHER, OTHER) == 100
        assert read(COUNTER, f"value {MAX_SERIES - 1}") == 1

    def test_a_wrong_number_of_labels_is_a_mistake(self) -> None:
        metrics, _ = self._make()
        for labels in ((), ("a", "b")):
            try:
                metrics.add(COUNTER, 1, *labels)
            except ValueError:
                continue
            raise AssertionError(f"labels {labels} were taken for {COUNTER.labels}")
