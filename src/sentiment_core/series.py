"""Bounded labels: what keeps a caller's strings from filling the memory of a metrics backend."""

from collections.abc import Callable
from typing import TypeVar

from sentiment_core.metric_names import MAX_SERIES, OTHER, Metric

S = TypeVar("S")


class Series(dict[tuple[str, ...], S]):
    """The series of one metric by label values, made by ``make`` when first asked for.

    Those that are known are there from the start. When there are MAX_SERIES, all new ones are one: ``other``. A wrong
    number of values is a ValueError.
    """

    def __init__(self, metric: Metric, make: Callable[[tuple[str, ...]], S]) -> None:
        known = metric.known if metric.labels else ((),)
        super().__init__((values, make(values)) for values in known)
        self._metric = metric
        self._make = make

    def __missing__(self, values: tuple[str, ...]) -> S:
        if len(values) != len(self._metric.labels):
            raise ValueError(f"{self._metric.name} has the labels {self._metric.labels}, not the values {values}")
        if len(self) >= MAX_SERIES:
            values = (OTHER,) * len(values)
        return self[values] if values in self else self.setdefault(values, self._make(values))
