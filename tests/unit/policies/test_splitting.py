import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import ThrottledError
from sentiment_core.models import Analysis, Document, Entity, EntityType, KeyPhrase, Options, Outcome, SentimentType
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from tests.strategies import TEXTS


class WordFinder(FakeAnalyzer):
    """Finds every word as an entity and a key phrase, and refuses what is longer than it takes."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self.max_bytes = max_bytes

    def _answer(self, document: Document, options: Options) -> Outcome:
        assert len(document.text.encode()) <= self.max_bytes
        assert not document.text.isspace()
        words, at = [], 0
        for word in document.text.split():
            begin = document.text.index(word, at)
            at = begin + len(word)
            words.append((word, begin, at))
        return fake_analysis(
            entities=[Entity(word, EntityType.OTHER, 1.0, begin, end) for word, begin, end in words],
            key_phrases=[KeyPhrase(word, 1.0, begin, end) for word, begin, end in words],
        )


def analyze(analyzer: SplittingAnalyzer, *texts: str) -> list[Outcome]:
    return asyncio.run(analyzer.analyze([Document(text) for text in texts], Options()))


@given(st.lists(TEXTS.filter(lambda text: bool(text.strip())), max_size=5), st.integers(4, 80))
def test_every_offset_of_a_merged_answer_is_right(texts: list[str], max_bytes: int) -> None:
    outcomes = analyze(SplittingAnalyzer(WordFinder(max_bytes), max_bytes), *texts)

    for text, outcome in zip(texts, outcomes, strict=True):
        assert isinstance(outcome, Analysis)
        for items in (outcome.entities, outcome.key_phrases):
            assert items is not None
            assert all(item.text == text[item.begin : item.end] for item in items)
            assert "".join(item.text for item in items) == "".join(text.split())


def test_scores_are_weighted_by_the_characters_of_each_segment() -> None:
    fake = FakeAnalyzer(
        {
            "Good, good, good. ": fake_analysis(SentimentType.POSITIVE),
            "Bad!": fake_analysis(SentimentType.NEGATIVE),
        }
    )

    [outcome] = analyze(SplittingAnalyzer(fake, 18), "Good, good, good. Bad!")

    assert isinstance(outcome, Analysis)
    assert outcome.sentiment is not None
    assert outcome.sentiment.sentiment == SentimentType.POSITIVE
    assert outcome.sentiment.scores.positive == pytest.approx((18 * 0.97 + 4 * 0.01) / 22)
    assert outcome.sentiment.scores.negative == pytest.approx((4 * 0.97 + 18 * 0.01) / 22)


def test_a_document_whose_segment_fails_fails_alone() -> None:
    fake = FakeAnalyzer({"Bad part.": ThrottledError("Slow down.")})

    good, failed, also_good = analyze(SplittingAnalyzer(fake, 11), "Fine. ", "Good part. Bad part.", "Fine.")

    assert isinstance(good, Analysis)
    assert isinstance(failed, ThrottledError)
    assert isinstance(also_good, Analysis)


def test_the_segments_of_all_documents_go_in_one_call() -> None:
    fake = FakeAnalyzer()

    analyze(SplittingAnalyzer(fake, 11), "Good part. Bad part.", "Fine.")

    assert [[document.text for document in documents] for documents, _ in fake.calls] == [
        ["Good part. ", "Bad part.", "Fine."]
    ]


def test_white_space_is_not_sent_and_moves_no_offset() -> None:
    [outcome] = analyze(SplittingAnalyzer(WordFinder(5), 5), " " * 11 + "word")

    assert isinstance(outcome, Analysis)
    assert outcome.entities is not None
    assert [(entity.begin, entity.end) for entity in outcome.entities] == [(11, 15)]
