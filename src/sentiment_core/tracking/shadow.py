"""Figures of the agreements with a shadow in a window of time."""

from collections import Counter, defaultdict
from threading import Lock

from sentiment_core.agreement import Agreement
from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.tracking.percentiles import Durations


class ShadowWindow:
    """Filled by the event loop's thread, emptied by the recorder's. No text gets in, so none can get out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._totals: defaultdict[str, _Totals] = defaultdict(_Totals)
        self._missed: Counter[str] = Counter()

    def record(self, language: str, agreement: Agreement, primary_seconds: float, shadow_seconds: float) -> None:
        """Adds one document that both have answered, and how long the calls took in which they did."""
        with self._lock:
            for totals in (self._totals[""], self._totals[f"/{language}"]):
                totals.add(agreement, primary_seconds, shadow_seconds)

    def fail(self, code: str) -> None:
        """The shadow has failed a document."""
        with self._lock:
            self._missed.update(("failures", f"failures/{code}"))

    def drop(self) -> None:
        """The shadow was busy, and has not been asked."""
        with self._lock:
            self._missed["dropped"] += 1

    def take(self) -> dict[str, float]:
        """The figures since the last ``take``, by name; none when nothing was to be compared.

        ``documents``, ``failures``, ``failures/CODE`` and ``dropped`` are counts. ``agreement`` is the share of the
        documents with the same sentiment, ``confidence_difference`` a mean, ``entities_f1`` and ``key_phrases_f1`` are
        of the spans of all documents together. ``latency_seconds/primary/p95`` (``shadow``; ``p50``, ``p99``) are of
        the calls. All but those of what was missed are there for each language, too: ``agreement/de``.
        """
        with self._lock:
            totals, self._totals = self._totals, defaultdict(_Totals)
            missed, self._missed = self._missed, Counter()
        if not totals and not missed:
            return {}
        figures: dict[str, float] = {"documents": 0, "failures": 0, "dropped": 0, **missed}
        for suffix, each in totals.items():
            figures |= {name + suffix: value for name, value in each.figures().items()}
        return figures


class _Totals:
    def __init__(self) -> None:
        self._documents = 0
        self._with_sentiment = 0
        self._agreed = 0
        self._difference = 0.0
        self._spans = {"entities_f1": SpanCounts(), "key_phrases_f1": SpanCounts()}
        self._durations = {"primary": Durations(), "shadow": Durations()}

    def add(self, agreement: Agreement, primary_seconds: float, shadow_seconds: float) -> None:
        self._documents += 1
        self._durations["primary"].add(primary_seconds)
        self._durations["shadow"].add(shadow_seconds)
        if agreement.same_sentiment is not None:
            self._with_sentiment += 1
            self._agreed += agreement.same_sentiment
            self._difference += agreement.confidence_difference or 0.0
        self._spans["entities_f1"] += agreement.entities or SpanCounts()
        self._spans["key_phrases_f1"] += agreement.key_phrases or SpanCounts()

    def figures(self) -> dict[str, float]:
        figures: dict[str, float] = {"documents": self._documents}
        if self._with_sentiment:
            figures["agreement"] = self._agreed / self._with_sentiment
            figures["confidence_difference"] = self._difference / self._with_sentiment
        figures |= {name: spans.f1 for name, spans in self._spans.items() if spans.texts}
        for side, durations in self._durations.items():
            for percent in (50, 95, 99):
                figures[f"latency_seconds/{side}/p{percent}"] = durations.percentile(percent / 100)
        return figures
