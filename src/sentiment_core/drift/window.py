"""The latest documents against a model's reference."""

import math
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

from sentiment_core.drift.profile import CLASSES
from sentiment_core.drift.reference import (
    CONFIDENCE,
    LANGUAGE,
    SENTIMENT,
    TEXT_LENGTH,
    UNKNOWN,
    Distribution,
    Reference,
)
from sentiment_core.drift.stability import stability_index
from sentiment_core.metric_names import POPULATION_STABILITY_INDEX
from sentiment_core.models import Analysis, Document
from sentiment_core.ports import Metrics

LATEST = 1_000
"""Documents that are compared: without drift the index stays under 0.03 in 999 of 1,000 times (10 bins)."""

LEAST = 500
"""Documents before anything is said: with fewer, chance alone comes near to 0.1."""

EVERY = 50
"""Documents between two looks: one costs as much as counting so many."""


class DriftWindow:
    """Shows how far the latest documents are from ``reference``, by distribution, in memory that does not grow.

    Numbers are compared with what the reference has for the languages of those documents, in their proportion: another
    mix of languages, whose texts are of other lengths, is no drift of anything but ``language``. A document in a
    language that the reference lacks is left out. No text is kept: of a document four numbers of bins are.
    """

    def __init__(self, reference: Reference, metrics: Metrics) -> None:
        distributions = reference.distributions
        known = [name for name in reference.languages if all(name in each.counts for each in distributions.values())]
        self._places = {language: place for place, language in enumerate(known)}
        self._languages = _Languages(LANGUAGE, [reference.languages[name] for name in known], metrics)
        self._lengths, self._sentiments, self._confidences, self._unknown = (
            _Numbers(name, distributions[name], known, metrics) if name in distributions else None
            for name in (TEXT_LENGTH, SENTIMENT, CONFIDENCE, UNKNOWN)
        )

    def observe(self, document: Document, analysis: Analysis) -> None:
        """Adds a document that the model has answered. To be called on one thread."""
        place = self._places.get(document.language)
        if place is None:
            return
        self._languages.count(place)
        if self._lengths:
            self._lengths.add(place, len(document.text))
        if (sentiment := analysis.sentiment) and self._sentiments and self._confidences:
            self._sentiments.add(place, CLASSES[sentiment.sentiment])
            self._confidences.add(place, sentiment.confidence)

    def observe_unknown(self, documents: Sequence[Document], shares: Sequence[float]) -> None:
        """Adds texts that were given to the model, with the share of their pieces that it does not know.

        To be called on one thread, which may be another one.
        """
        for document, share in zip(documents, shares, strict=True):
            if self._unknown and (place := self._places.get(document.language)) is not None:
                self._unknown.add(place, share)

    def close(self) -> None:
        """Takes back what was shown."""
        for each in (self._languages, self._lengths, self._sentiments, self._confidences, self._unknown):
            if each:
                each.hide()


class _Latest(ABC):
    """The latest documents by cell, of which there are ``cells``."""

    def __init__(self, name: str, cells: int, metrics: Metrics) -> None:
        self._name = name
        self._metrics = metrics
        self._latest: deque[int] = deque()
        self._since = 0
        self.counts = [0] * cells
        self.hide()

    def count(self, cell: int) -> None:
        self._latest.append(cell)
        self.counts[cell] += 1
        if len(self._latest) > LATEST:
            self.counts[self._latest.popleft()] -= 1
        self._since += 1
        if self._since >= EVERY and len(self._latest) >= LEAST:
            self._since = 0
            self._metrics.set(POPULATION_STABILITY_INDEX, self.index(), self._name)

    def hide(self) -> None:
        self._metrics.set(POPULATION_STABILITY_INDEX, math.nan, self._name)

    @abstractmethod
    def index(self) -> float:
        """PSI of those against the reference."""


class _Languages(_Latest):
    def __init__(self, name: str, reference: Sequence[int], metrics: Metrics) -> None:
        super().__init__(name, len(reference), metrics)
        self._shares = [count / sum(reference) for count in reference]

    def index(self) -> float:
        total = sum(self.counts)
        return stability_index([share * total for share in self._shares], self.counts)


class _Numbers(_Latest):
    """A cell is a language and a bin."""

    def __init__(self, name: str, reference: Distribution, languages: Sequence[str], metrics: Metrics) -> None:
        self._edges = reference.edges
        self._bins = len(self._edges) + 1
        rows = [reference.counts[language] for language in languages]
        self._shares = [[count / sum(row) for count in row] for row in rows]
        super().__init__(name, len(rows) * self._bins, metrics)

    def add(self, language: int, value: float) -> None:
        self.count(language * self._bins + bisect_left(self._edges, value))

    def index(self) -> float:
        rows = [self.counts[first : first + self._bins] for first in range(0, len(self.counts), self._bins)]
        expected = [0.0] * self._bins
        for row, shares in zip(rows, self._shares, strict=True):
            total = sum(row)
            for place, share in enumerate(shares):
                expected[place] += total * share
        return stability_index(expected, [sum(column) for column in zip(*rows, strict=True)])
