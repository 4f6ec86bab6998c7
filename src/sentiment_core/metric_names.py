"""Every metric of the service: its name, kind, meaning and labels. docs/metrics.md is made from this file."""

from enum import StrEnum

from msgspec import Struct

from sentiment_core import errors
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import Feature, SentimentType

MAX_SERIES = 100
"""Sets of label values that one metric may have; all beyond it are counted together as OTHER."""

OTHER = "other"


class Kind(StrEnum):
    """Prometheus's kinds."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(Struct, frozen=True):
    """A family. ``labels`` are the names of its labels, in the order in which values are given.

    ``buckets`` are the upper bounds of a histogram, in the unit of the metric. ``known`` are label values that will
    come sooner or later: they are there from the start, at zero, because a rate misses the event that makes a series.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()

    @property
    def exposed_name(self) -> str:
        """The name in queries: Prometheus's convention is that a counter's ends in ``_total``."""
        return f"{self.name}_total" if self.kind is Kind.COUNTER else self.name


def _counter(name: str, help_: str, *labels: str, known: tuple[tuple[str, ...], ...] = ()) -> Metric:
    return Metric(name, Kind.COUNTER, help_, labels, known=known)


def _gauge(name: str, help_: str, *labels: str, known: tuple[tuple[str, ...], ...] = ()) -> Metric:
    return Metric(name, Kind.GAUGE, help_, labels, known=known)


def _histogram(
    name: str, help_: str, *labels: str, buckets: tuple[float, ...], known: tuple[tuple[str, ...], ...] = ()
) -> Metric:
    return Metric(name, Kind.HISTOGRAM, help_, labels, buckets, known)


SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

_OPERATIONS = tuple((str(feature),) for feature in Feature)
_SENTIMENTS = tuple((str(sentiment),) for sentiment in SentimentType)


def _codes(kind: type[errors.AnalysisError | errors.FeedbackError]) -> tuple[tuple[str, ...], ...]:
    return tuple((e.code,) for e in vars(errors).values() if isinstance(e, type) and issubclass(e, kind))


_ERROR_CODES = _codes(errors.AnalysisError)
_FEEDBACK_ERROR_CODES = _codes(errors.FeedbackError)
_ANALYZER_ERROR_CODES = _codes(errors.AnalyzerError)

REQUEST_COUNT = _counter(
    "request_count", "HTTP requests answered, by route and status.", "route", "status",
    known=tuple((route, status) for route in ("/analyze", "/analyze/batch", "/feedback")
                for status in ("500", "502", "503", "504")),
)  # fmt: skip
REQUEST_LATENCY_SECONDS = _histogram(
    "request_latency_seconds", "Seconds from the first byte of a request to the last of its answer.", "route",
    buckets=SECONDS,
)  # fmt: skip
ERROR_COUNT = _counter(
    "error_count", "Errors answered, to a request or to a document of a batch, by code.", "type",
    known=_ERROR_CODES + _FEEDBACK_ERROR_CODES,
)  # fmt: skip
ACTIVE_REQUESTS = _gauge("active_requests", "HTTP requests under way.")
SENTIMENT_COUNT = _counter(
    "sentiment_count", "Documents answered, by sentiment, cached ones included.", "sentiment",
    known=_SENTIMENTS,
)  # fmt: skip
TEXT_LENGTH = _histogram(
    "text_length", "Characters of the documents answered.",
    buckets=(10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
)  # fmt: skip
SENTIMENT_CONFIDENCE = _histogram(
    "sentiment_confidence", "Score of the answered sentiment, 0 to 1.", "sentiment",
    buckets=_CONFIDENCES, known=_SENTIMENTS,
)  # fmt: skip
ENTITIES_PER_TEXT = _histogram(
    "entities_per_text", "Entities found in a document.", buckets=(0, 1, 2, 3, 5, 8, 13, 21, 50, 100)
)
COMPREHEND_LATENCY_SECONDS = _histogram(
    "comprehend_latency_seconds", "Seconds of one call to Amazon Comprehend, by operation.", "operation",
    buckets=SECONDS,
)  # fmt: skip

QUEUE_DEPTH = _gauge("queue_depth", "Documents waiting for a batch.", "analyzer")
QUEUE_WAIT_SECONDS = _histogram(
    "queue_wait_seconds", "Seconds a document waited for its batch.", "analyzer", buckets=SECONDS
)
BATCH_SIZE = _histogram(
    "batch_size", "Documents in a batch handed to the analyzer.", "analyzer",
    buckets=(1, 2, 4, 8, 16, 25, 32, 64, 128, 256, 1_000),
)  # fmt: skip
ADMITTED_DOCUMENTS = _gauge("admitted_documents", "Documents that an analyzer has and has not answered.", "analyzer")
SHED_COUNT = _counter(
    "shed_count", "Documents that an analyzer had no room for; behind it a fallback may have.", "analyzer",
    known=(("comprehend",), ("embedded",)),
)  # fmt: skip
FALLBACK_COUNT = _counter(
    "fallback_count", "Documents that the secondary was asked for, by the code of the primary's error.", "reason",
    known=_ANALYZER_ERROR_CODES,
)  # fmt: skip
FALLBACK_FAILURES = _counter(
    "fallback_failures", "Documents that the secondary failed as well, by the code of its error.", "reason",
    known=_ANALYZER_ERROR_CODES,
)  # fmt: skip
SHADOW_SENTIMENTS = _counter(
    "shadow_sentiments", "Documents whose sentiment the shadow was asked for as well, by whether it gave the same.",
    "analyzer", "language", "same",
)  # fmt: skip
SHADOW_CONFIDENCE_DIFFERENCE = _histogram(
    "shadow_confidence_difference",
    "Difference between the primary's and the shadow's score, each of its own sentiment, 0 to 1.",
    "analyzer", "language", buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0),
)  # fmt: skip
SHADOW_SPANS = _counter(
    "shadow_spans", "Entities and key phrases by who found them: both, only the primary, or only the shadow.",
    "analyzer", "language", "feature", "by",
)  # fmt: skip
SHADOW_LATENCY_SECONDS = _histogram(
    "shadow_latency_seconds", "Seconds of the call that answered a document which both have answered, by side.",
    "side", "analyzer", "language", buckets=SECONDS,
)  # fmt: skip
SHADOW_FAILURES = _counter(
    "shadow_failures", "Documents that the shadow failed, by the code of its error.", "reason", known=_ERROR_CODES
)
SHADOW_DROPPED = _counter("shadow_dropped", "Documents that were to be compared and found the shadow full.")
CANARY_ANSWERS = _counter(
    "canary_answers", "Documents answered while there is a canary, by side: the canary, or the primary's chain.",
    "side", "analyzer", "language",
)  # fmt: skip
CANARY_CONFIDENCE = _histogram(
    "canary_confidence", "Score of the answered sentiment, 0 to 1, while there is a canary.",
    "side", "analyzer", "language", buckets=_CONFIDENCES,
)  # fmt: skip
CANARY_LATENCY_SECONDS = _histogram(
    "canary_latency_seconds", "Seconds of the call that answered a document while there is a canary, cached or not.",
    "side", "analyzer", "language", buckets=SECONDS,
)  # fmt: skip
CANARY_FAILURES = _counter(
    "canary_failures", "Documents that the canary failed, for which the primary's chain was asked.", "reason",
    known=_ERROR_CODES,
)  # fmt: skip
POPULATION_STABILITY_INDEX = _gauge(
    "population_stability_index",
    "How far the latest documents are from the model's reference, by distribution; not a number while they are few.",
    "distribution",
)  # fmt: skip
ANALYZER_FIT = _gauge(
    "analyzer_fit", "1 while the analyzer answers its golden texts rightly and in time, else 0.", "analyzer"
)
CACHE_LOOKUPS = _counter(
    "cache_lookups", "Different documents of a call looked up in the cache, by result.", "result",
    known=(("hit",), ("miss",)),
)  # fmt: skip
CACHE_FAILURES = _counter(
    "cache_failures", "Times that the cache could not be read or written, or held what is no entry.", "operation",
    known=(("read",), ("write",), ("decode",)),
)  # fmt: skip
CACHE_ENTRIES = _gauge("cache_entries", "Entries of the cache in memory.")
BREAKER_STATE = _gauge(
    "breaker_state", "Whether calls are let through: 0 closed (all), 1 half-open (a few), 2 open (none).", "operation",
    known=_OPERATIONS,
)  # fmt: skip
BREAKER_TRANSITIONS = _counter(
    "breaker_transitions", "Times that a circuit breaker came into a state.", "operation", "state",
    known=tuple((*operation, state) for operation in _OPERATIONS for state in ("closed", "half_open", "open")),
)  # fmt: skip
RETRY_COUNT = _counter("retry_count", "Calls made a second time.", "operation", known=_OPERATIONS)
RETRY_BUDGET_TOKENS = _gauge("retry_budget_tokens", "What is left for retries, common to all operations: 0 to 500.")
QUOTA_RATE = _gauge(
    "quota_rate", "Calls a second that are allowed now, of one document or of a batch.", "operation", "kind"
)
QUOTA_WAIT_SECONDS = _histogram(
    "quota_wait_seconds", "Seconds that a call waited for its turn within the quota.", "operation", "kind",
    buckets=SECONDS,
)  # fmt: skip
BILLED_UNITS = _counter(
    "billed_units", "Units of 100 characters, at least 3 a document, that Comprehend answered.", "operation",
    known=_OPERATIONS,
)  # fmt: skip
ESTIMATED_DOLLARS = _counter(
    "estimated_dollars", "Dollars that those units cost, at the price of the first tier.", "operation",
    known=_OPERATIONS,
)  # fmt: skip
BUDGET_USED_RATIO = _gauge("budget_used_ratio", "Share of the day's budget that is spent; from 1 no paid call is made.")
BUDGET_REFUSALS = _counter("budget_refusals", "Documents that were not paid for because the day's budget is spent.")
SPEND_STORE_FAILURES = _counter("spend_store_failures", "Times that the day's spending could not be read or kept.")
AUTH_FAILURES = _counter(
    "auth_failures", "Requests whose API key was not good, by what was wrong with it.", "reason",
    known=(("missing",), ("malformed",), ("unknown",), ("wrong_secret",), ("expired",), ("revoked",), ("scope",)),
)  # fmt: skip
RATE_LIMITED = _counter(
    "rate_limited", "Requests refused because their key or address asked too often, or failed to show a key too often.",
    "by", known=(("key",), ("address",), ("failures",)),
)  # fmt: skip
KEY_STORE_FAILURES = _counter("key_store_failures", "Times that the API keys could not be read anew.")
FEEDBACK_COUNT = _counter(
    "feedback_count", "Answers judged by POST /feedback, by who gave them and whether they were right or wrong.",
    "analyzer", "model_version", "verdict",
)  # fmt: skip
FEEDBACK_LANGUAGE_COUNT = _counter(
    "feedback_language_count", "Answers judged, by the language of their texts.", "language", "verdict",
    known=tuple((language, verdict) for language in LANGUAGES for verdict in ("right", "wrong")),
)  # fmt: skip
FEEDBACK_SENTIMENT_COUNT = _counter(
    "feedback_sentiment_count", "Answers judged, by the sentiment that they gave and the right one.",
    "sentiment", "right_sentiment",
    known=tuple((*given, *right) for given in _SENTIMENTS for right in _SENTIMENTS),
)  # fmt: skip
FEEDBACK_STORE_FAILURES = _counter(
    "feedback_store_failures", "Times that verdicts could not be kept, or old ones not deleted."
)
ANALYZER_INFO = _gauge(
    "analyzer_info", "1 for an analyzer that is at work, and its version, else 0.", "analyzer", "model_version"
)
MODEL_SWAPS = _counter("model_swaps", "Times that another version of a registered model came in.", "analyzer")
MODEL_REFUSALS = _counter(
    "model_refusals", "Versions of registered models that were not let in, by what was wrong with them.", "reason",
    known=(("size",), ("verification",), ("unusable",), ("golden",)),
)  # fmt: skip
MODEL_READ_TIMESTAMP_SECONDS = _gauge(
    "model_read_timestamp_seconds", "When the registry last said which version a model's alias is on.", "model"
)
MODEL_REGISTRY_AWAY = _gauge(
    "model_registry_away",
    "1 while the registry cannot be asked, and the version that is here stays; else 0.",
    "model",
)
BUILD_INFO = _gauge("build_info", "1, with the version of the service and of Python.", "version", "python")
DISK_FREE_BYTES = _gauge("disk_free_bytes", "Bytes that the service may still fill on the disk of its data folder.")
DISK_SIZE_BYTES = _gauge("disk_size_bytes", "Bytes of the disk of the data folder.")
TRACKING_FAILURES = _counter("tracking_failures", "Times that the run's figures could not be recorded in MLflow.")

CATALOGUE: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
