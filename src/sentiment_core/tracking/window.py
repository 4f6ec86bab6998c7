"""Figures of the calls in a window of time, in memory that does not grow with their number."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock

from sentiment_core.models import Analysis, Outcome, SentimentType
from sentiment_core.tracking.percentiles import Durations


class TrackingWindow:
    """Filled by the event loop's thread, emptied by the recorder's. No text gets in, so none can get out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._totals = _Totals()

    def record(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """Adds one call: what became of its documents, and how long it took."""
        with self._lock:
            self._totals.add(outcomes, seconds)

    def record_feedback(self, *, right: bool) -> None:
        """Adds one answer that somebody judged, of whatever time."""
        with self._lock:
            self._totals.judged += 1
            self._totals.right += right

    def take(self) -> dict[str, float]:
        """The figures since the last ``take``, by name; none when nothing came.

        ``requests``, ``documents`` and ``failures`` are counts, as are ``failures/CODE``, ``languages/CODE`` and
        ``versions/MODEL_VERSION``: a run's parameters have the version of its start, these when another came in;
        ``latency_seconds/p50``, ``p95`` and ``p99`` are of the requests; ``sentiment/CLASS`` are shares, 0 to 1, of
        the documents with a sentiment, and ``confidence_mean`` is the mean score of their answered classes;
        ``entities_mean`` is of the documents whose entities were asked for; ``feedback`` is a count of answers judged,
        and ``feedback_accuracy`` the share of them, 0 to 1, that were right.
        """
        with self._lock:
            totals, self._totals = self._totals, _Totals()
        return totals.figures()


class _Totals:
    def __init__(self) -> None:
        self._durations = Durations()
        self._requests = 0
        self._documents = 0
        self._failures: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()
        self._sentiments: Counter[SentimentType] = Counter()
        self._confidence = 0.0
        self._with_entities = 0
        self._entities = 0
        self.judged = 0
        self.right = 0

    def add(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        if not outcomes:
            return
        self._durations.add(seconds)
        self._requests += 1
        self._documents += len(outcomes)
        for outcome in outcomes:
            if isinstance(outcome, Analysis):
                self._add_analysis(outcome)
            else:
                self._failures[outcome.code] += 1

    def _add_analysis(self, analysis: Analysis) -> None:
        self._languages[analysis.language] += 1
        self._versions[analysis.model_version] += 1
        if analysis.sentiment is not None:
            self._sentiments[analysis.sentiment.sentiment] += 1
            self._confidence += analysis.sentiment.confidence
        if analysis.entities is not None:
            self._with_entities += 1
            self._entities += len(analysis.entities)

    def figures(self) -> dict[str, float]:
        return self._call_figures() | self._feedback_figures()

    def _call_figures(self) -> dict[str, float]:
        if not self._requests:
            return {}
        totals = {"requests": self._requests, "documents": self._documents, "failures": self._failures.total()}
        return totals | self._counts() | self._latencies() | self._sentiment_mix() | self._entity_mean()

    def _counts(self) -> dict[str, float]:
        counters = {"failures": self._failures, "languages": self._languages, "versions": self._versions}
        return {f"{name}/{key}": count for name, counter in counters.items() for key, count in counter.items()}

    def _latencies(self) -> dict[str, float]:
        return {f"latency_seconds/p{percent}": self._durations.percentile(percent / 100) for percent in (50, 95, 99)}

    def _sentiment_mix(self) -> dict[str, float]:
        answered = self._sentiments.total()
        if not answered:
            return {}
        mix = {f"sentiment/{sentiment}": self._sentiments[sentiment] / answered for sentiment in SentimentType}
        return mix | {"confidence_mean": self._confidence / answered}

    def _entity_mean(self) -> dict[str, float]:
        return {"entities_mean": self._entities / self._with_entities} if self._with_entities else {}

    def _feedback_figures(self) -> dict[str, float]:
        return {"feedback": self.judged, "feedback_accuracy": self.right / self.judged} if self.judged else {}
