"""The figures of comparisons."""

import pytest

from sentiment_core.agreement import Agreement, agreement_of
from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.models import Entity, EntityType, Feature, SentimentType
from sentiment_core.testing import fake_analysis
from sentiment_core.testing.analyzers import only
from sentiment_core.tracking import ShadowWindow
from sentiment_core.tracking.percentiles import GROWTH

BERLIN = Entity("Berlin", EntityType.LOCATION, 0.9, 0, 6)


def test_figures_are_of_all_documents_and_of_each_language() -> None:
    window = ShadowWindow()
    window.record("de", Agreement(True, 0.25, SpanCounts(1, 2, 2, 2), SpanCounts(1)), 0.1, 0.2)
    window.record("fr", Agreement(False, 0.75, SpanCounts(1, 2, 0, 0), SpanCounts(1)), 0.3, 0.2)
    figures = window.take()

    assert (figures["documents"], figures["documents/de"]) == (2, 1)
    assert (figures["agreement"], figures["agreement/de"], figures["agreement/fr"]) == (0.5, 1, 0)
    assert (figures["confidence_difference"], figures["confidence_difference/fr"]) == (0.5, 0.75)
    assert (figures["entities_f1"], figures["entities_f1/fr"]) == (pytest.approx(2 / 3), 0)
    assert figures["key_phrases_f1"] == 1
    assert figures["latency_seconds/primary/p95"] == pytest.approx(0.3, rel=GROWTH - 1)
    assert figures["latency_seconds/shadow/p95/de"] == pytest.approx(0.2, rel=GROWTH - 1)


def test_what_was_not_asked_for_has_no_figures() -> None:
    window = ShadowWindow()
    answer = only(fake_analysis(SentimentType.MIXED, [BERLIN]), frozenset({Feature.ENTITIES}))
    window.record("en", agreement_of(answer, answer), 0.1, 0.1)
    figures = window.take()

    assert figures["entities_f1"] == 1
    assert not {"agreement", "confidence_difference", "key_phrases_f1"} & figures.keys()


def test_what_was_missed_is_counted() -> None:
    window = ShadowWindow()
    window.fail("throttled")
    window.fail("throttled")
    window.drop()

    assert window.take() == {"documents": 0, "failures": 2, "failures/throttled": 2, "dropped": 1}


def test_a_window_that_was_taken_is_empty() -> None:
    window = ShadowWindow()
    window.drop()

    assert window.take()
    assert window.take() == {}
