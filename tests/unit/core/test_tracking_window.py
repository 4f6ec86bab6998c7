"""The figures of a window of time."""

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import InvalidTextError, ThrottledError
from sentiment_core.models import Entity, EntityType, Feature, SentimentType
from sentiment_core.testing import fake_analysis
from sentiment_core.testing.analyzers import only
from sentiment_core.tracking import TrackingWindow
from sentiment_core.tracking.percentiles import GROWTH, LONGEST, SHORTEST, Durations

BERLIN = Entity("Berlin", EntityType.LOCATION, 0.9, 0, 6)

durations = st.lists(st.floats(SHORTEST, LONGEST), min_size=1, max_size=200)


@given(durations, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_the_true_one_or_up_to_five_percent_above(seconds: list[float], share: float) -> None:
    kept = Durations()
    for duration in seconds:
        kept.add(duration)
    true = sorted(seconds)[math.ceil(share * len(seconds)) - 1]

    assert true * (1 - 1e-9) <= kept.percentile(share) <= true * GROWTH * (1 + 1e-9)


@given(st.lists(st.floats(allow_nan=False)))
def test_durations_take_bounded_memory_whatever_comes(seconds: list[float]) -> None:
    kept = Durations()
    for duration in seconds:
        kept.add(duration)

    assert SHORTEST / GROWTH <= (kept.percentile(0.5) or SHORTEST) <= LONGEST * GROWTH


def test_no_durations_have_no_percentile() -> None:
    assert Durations().percentile(0.99) == 0


def test_figures_add_up_all_that_happened() -> None:
    window = TrackingWindow()
    window.record([fake_analysis(SentimentType.POSITIVE, [BERLIN], language="de")], 0.1)
    window.record([fake_analysis(SentimentType.NEGATIVE), ThrottledError("Full."), InvalidTextError("Empty.")], 0.3)
    figures = window.take()
    latencies = [figures.pop(f"latency_seconds/p{percent}") for percent in (50, 95, 99)]

    assert latencies == pytest.approx([0.1, 0.3, 0.3], rel=GROWTH - 1)
    assert figures == {
        "requests": 2,
        "documents": 4,
        "failures": 2,
        "failures/throttled": 1,
        "failures/invalid_text": 1,
        "languages/de": 1,
        "languages/en": 1,
        "versions/fake-1.0": 2,
        "sentiment/POSITIVE": 0.5,
        "sentiment/NEGATIVE": 0.5,
        "sentiment/NEUTRAL": 0,
        "sentiment/MIXED": 0,
        "confidence_mean": pytest.approx(0.97),
        "entities_mean": 0.5,
    }


def test_a_window_without_failures_says_so() -> None:
    window = TrackingWindow()
    window.record([fake_analysis()], 0.1)

    assert window.take()["failures"] == 0


def test_means_of_what_was_not_asked_for_are_left_out() -> None:
    window = TrackingWindow()
    window.record([only(fake_analysis(), frozenset({Feature.KEY_PHRASES}))], 0.1)

    assert not {"confidence_mean", "entities_mean", "sentiment/NEUTRAL"} & window.take().keys()


def test_an_empty_window_has_no_figures() -> None:
    window = TrackingWindow()
    window.record([], 0.1)

    assert window.take() == {}


def test_each_document_is_in_one_window_only() -> None:
    window = TrackingWindow()
    window.record([fake_analysis()], 0.1)

    assert [window.take().get("documents"), window.take().get("documents")] == [1, None]


def test_no_document_is_lost_when_windows_are_taken_meanwhile() -> None:
    """The event loop records while the recorder's thread takes."""
    window = TrackingWindow()
    analysis = fake_analysis()

    def record() -> None:
        for _ in range(20_000):
            window.record([analysis], 0.1)

    thread = threading.Thread(target=record)
    thread.start()
    documents = 0.0
    while thread.is_alive():
        documents += window.take().get("documents", 0)
    documents += window.take().get("documents", 0)

    assert documents == 20_000
