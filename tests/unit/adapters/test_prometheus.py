"""What Prometheus is given to read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from adapters.metrics.prometheus import PrometheusMetrics
from sentiment_core.errors import AnalysisError, FeedbackError
from sentiment_core.metric_names import (
    CATALOGUE,
    ERROR_COUNT,
    MAX_SERIES,
    REQUEST_COUNT,
    REQUEST_LATENCY_SECONDS,
    SENTIMENT_COUNT,
)
from sentiment_core.models import SentimentType

REQUIRED = {
    "request_count",
    "request_latency_seconds",
    "error_count",
    "sentiment_count",
    "active_requests",
    "text_length",
    "comprehend_latency_seconds",
    "sentiment_confidence",
    "entities_per_text",
}

OPENMETRICS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4"


def test_the_required_families_are_there_before_the_first_request() -> None:
    content, _ = PrometheusMetrics().exposition(OPENMETRICS)
    families = {family.name for family in parse_openmetrics(content.decode())}  # type: ignore[no-untyped-call]

    assert families >= REQUIRED


def test_prometheus_text_is_given_unless_openmetrics_is_asked_for() -> None:
    metrics = PrometheusMetrics()
    text, text_type = metrics.exposition("*/*")
    open_, open_type = metrics.exposition(OPENMETRICS)

    assert text_type.startswith("text/plain; version=0.0.4")
    assert open_type.startswith("application/openmetrics-text; version=1.0.0")
    assert not text.endswith(b"# EOF\n")
    assert open_.endswith(b"# EOF\n")


def test_a_counter_is_exposed_with_its_suffix() -> None:
    metrics = PrometheusMetrics()
    metrics.add(REQUEST_COUNT, 3, "/analyze", "200")
    text, _ = metrics.exposition()

    assert 'request_count_total{route="/analyze",status="200"} 3.0' in text.decode().splitlines()


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_no_created_series_are_exposed(accept: str) -> None:
    metrics = PrometheusMetrics()
    metrics.observe(REQUEST_LATENCY_SECONDS, 0.2, "/analyze")
    content, _ = metrics.exposition(accept)

    assert b"request_latency_seconds_count" in content
    assert b"_created" not in content


def test_known_labels_are_at_zero_from_the_start() -> None:
    """A rate() misses the event that makes its series, so the series is there before it."""
    registry = CollectorRegistry()
    PrometheusMetrics(registry=registry)

    for sentiment in SentimentType:
        assert registry.get_sample_value("sentiment_count_total", {"sentiment": sentiment}) == 0
        assert registry.get_sample_value("sentiment_confidence_count", {"sentiment": sentiment}) == 0
    assert registry.get_sample_value("error_count_total", {"type": "throttled"}) == 0


def test_every_error_code_of_the_core_is_known() -> None:
    def codes(error: type[AnalysisError | FeedbackError]) -> set[str]:
        return {error.code}.union(*map(codes, error.__subclasses__()))

    ours = {(code,) for code in codes(AnalysisError) | codes(FeedbackError)}
    assert ours == set(ERROR_COUNT.known)


def test_the_process_is_measured_too() -> None:
    families = {family.name for family in parse_text(PrometheusMetrics().exposition()[0].decode())}

    assert {"process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds", "python_info"} <= families


def test_the_global_registry_is_left_alone() -> None:
    PrometheusMetrics().add(SENTIMENT_COUNT, 1, "POSITIVE")

    assert REGISTRY.get_sample_value("sentiment_count_total", {"sentiment": "POSITIVE"}) is None


@given(st.lists(st.text(st.characters(), max_size=5), max_size=20), st.text())
@example(["\ud800", "?"], "application/openmetrics-text;version=latest")
def test_labels_stay_bounded_whatever_comes(values: list[str], accept: str) -> None:
    """Any strings, lone surrogates included, are counted in at most MAX_SERIES series and ``other``, and exposed."""
    metrics = PrometheusMetrics([REQUEST_COUNT])
    for number in range(MAX_SERIES - 3):
        metrics.add(REQUEST_COUNT, 1, f"/{number}", "200")
    for value in values:
        metrics.add(REQUEST_COUNT, 1, value, "200")
    metrics.exposition(accept)
    (family,) = (f for f in parse_text(metrics.exposition()[0].decode()) if f.name == "request_count")

    assert len(family.samples) <= MAX_SERIES + 1
    assert sum(sample.value for sample in family.samples) == MAX_SERIES - 3 + len(values)


def test_every_metric_of_the_catalogue_is_exposed_by_the_name_that_it_states() -> None:
    lines = PrometheusMetrics().exposition()[0].decode().splitlines()

    for metric in CATALOGUE:
        assert lines.count(f"# TYPE {metric.exposed_name} {metric.kind}") == 1
