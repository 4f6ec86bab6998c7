"""The rates measure: an analyzer that sees nothing gets what it deserves."""

import asyncio
from collections.abc import Sequence

import pytest

from sentiment_core.models import Analysis, Document, Options, SentimentType
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from tests.behaviour.rates import Ask, capitals, entities_found, labelled_right, unchanged_by, unchanged_by_names
from tests.behaviour.sentences import of_kind


def asking(analyzer: FakeAnalyzer) -> Ask:
    def ask(documents: Sequence[Document]) -> list[Analysis]:
        outcomes = asyncio.run(analyzer.analyze(documents, Options()))
        return [outcome for outcome in outcomes if isinstance(outcome, Analysis)]

    return ask


def test_an_analyzer_that_calls_everything_neutral_is_right_on_neutral_sentences_only() -> None:
    neutral = [each for each in of_kind("en", "plain") if each.sentiment is SentimentType.NEUTRAL]

    assert labelled_right("plain")(asking(FakeAnalyzer()), "en") == len(neutral) / len(of_kind("en", "plain"))
    assert labelled_right("contrast")(asking(FakeAnalyzer()), "en") == 0
    assert entities_found()(asking(FakeAnalyzer()), "en") == 0


def test_a_sentiment_that_capitals_turn_counts_as_changed() -> None:
    sentences = of_kind("en", "plain", "negation")
    turned = FakeAnalyzer({capitals(sentences[0]): fake_analysis(SentimentType.NEGATIVE)})

    assert unchanged_by(capitals)(asking(turned), "en") == pytest.approx(1 - 1 / len(sentences))


def test_a_sentiment_that_one_name_turns_counts_as_changed() -> None:
    """Two templates with ten names each besides the first."""
    turned = FakeAnalyzer({"Priya was rude and did not help us.": fake_analysis(SentimentType.POSITIVE)})

    assert unchanged_by_names(asking(turned), "en") == pytest.approx(19 / 20)
