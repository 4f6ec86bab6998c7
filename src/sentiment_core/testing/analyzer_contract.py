"""What every Analyzer must do, as tests: inherit AnalyzerContract and say how to open yours."""

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from sentiment_core.errors import DeadlineExceededError, UnsupportedLanguageError
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import Analysis, Document, Feature, Options, SentimentType
from sentiment_core.ports import Analyzer

T = TypeVar("T")

TEXTS = {
    "en": "The staff were wonderful and Maria Silva loved Lisbon.",
    "fr": "L'hôtel était très agréable, près de la gare de Lyon à Paris.",
    "de": "Das Essen war schrecklich, sagte Frau Müller in Köln.",
    "es": "El servicio fue excelente en Madrid el 3 de mayo de 2024.",
    "it": "La stanza era sporca e Giulia Rossi è partita da Roma.",
    "pt": "O filme é ótimo, disse João em São Paulo.",
    "ja": "東京のホテルはとても良かったです。",
    "ko": "서울의 음식은 정말 맛있었습니다.",
    "hi": "दिल्ली का खाना बहुत अच्छा था।",
    "ar": "كان الفندق في القاهرة رائعًا جدًا.",
    "zh": "北京的服务非常好。",
    "zh-TW": "台北的服務非常好。",
}

AWKWARD = (
    "😀 Great 👩‍👩‍👧 day in Zürich 🇨🇭!",
    "e\u0301cole de Paris, cafe\u0301",
    "tab\tnewline\r\nLondon\u2028Berlin",
    "nul\x00byte in Rome",
    "\u202eright to left\u202c Cairo",
    "a" * 300,
    "?!",
    "  leading and trailing spaces in Oslo  ",
    "ﬁne ﬂour Ⅳ ½ ＡＢＣ",
    "İstanbul ẞ ŉ",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷野家",
)


class AnalyzerContract:
    """A test class of yours inherits it and overrides ``open_analyzer``; pytest and unittest both collect it.

    In pytest, ``pytest.register_assert_rewrite("sentiment_core.testing")`` makes failures explain themselves.
    """

    languages: tuple[str, ...] = LANGUAGES
    """The languages that the analyzer knows."""

    def open_analyzer(self) -> AbstractAsyncContextManager[Analyzer]:
        """A fresh analyzer, closed at the end of the block."""
        raise AssertionError("override open_analyzer")

    def _run(self, use: Callable[[Analyzer], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.open_analyzer() as analyzer:
                return await use(analyzer)

        return asyncio.run(run())

    def _analyze(self, documents: list[Document], options: Options | None = None) -> list[Analysis]:
        outcomes = self._run(lambda analyzer: analyzer.analyze(documents, options or Options()))
        assert len(outcomes) == len(documents)
        analyses = [outcome for outcome in outcomes if isinstance(outcome, Analysis)]
        assert len(analyses) == len(outcomes), outcomes
        return analyses

    def _documents(self) -> list[Document]:
        return [Document(TEXTS[language], language) for language in self.languages]

    def test_it_answers_every_language_in_order(self) -> None:
        documents = self._documents()

        analyses = self._analyze(documents)

        assert [analysis.language for analysis in analyses] == [document.language for document in documents]

    def test_no_documents_give_no_outcomes(self) -> None:
        assert self._run(lambda analyzer: analyzer.analyze([], Options())) == []

    def test_an_answer_names_the_analyzer_and_its_version(self) -> None:
        async def names(analyzer: Analyzer) -> tuple[object, tuple[str, str]]:
            [outcome] = await analyzer.analyze(self._documents()[:1], Options())
            return outcome, (analyzer.name, analyzer.model_version)

        outcome, expected = self._run(names)

        assert isinstance(outcome, Analysis)
        assert (outcome.analyzer, outcome.model_version) == expected
        assert not outcome.degraded

    def test_only_the_features_asked_for_are_answered(self) -> None:
        documents = self._documents()[:1]
        for count in (1, 2, 3):
            for features in itertools.combinations(Feature, count):
                [analysis] = self._analyze(documents, Options(frozenset(features)))
                answered = {feature for feature in Feature if getattr(analysis, feature.value) is not None}
                assert answered == set(features)

    def test_items_are_the_text_at_their_offsets_in_code_points(self) -> None:
        documents = self._documents() + [Document(text, self.languages[0]) for text in AWKWARD]

        for document, analysis in zip(documents, self._analyze(documents), strict=True):
            for items in (analysis.entities, analysis.key_phrases):
                assert items is not None
                end = 0
                for item in items:
                    assert end <= item.begin < item.end <= len(document.text)
                    assert item.text == document.text[item.begin : item.end]
                    assert 0.0 <= item.score <= 1.0
                    end = item.end

    def test_the_sentiment_is_the_highest_of_four_scores_that_sum_to_one(self) -> None:
        for analysis in self._analyze(self._documents()):
            assert analysis.sentiment is not None
            scores = analysis.sentiment.scores
            by_type = {kind: getattr(scores, kind.value.lower()) for kind in SentimentType}
            assert all(0.0 <= score <= 1.0 for score in by_type.values())
            assert abs(sum(by_type.values()) - 1.0) <= 0.01
            assert by_type[analysis.sentiment.sentiment] == max(by_type.values())

    def test_the_same_document_alone_or_among_others_gets_the_same_answer(self) -> None:
        documents = self._documents()
        together = self._analyze(documents * 3)

        for index, document in enumerate(documents):
            [alone] = self._analyze([document])
            assert _labels(alone) == _labels(together[index]) == _labels(together[index + len(documents)])

    def test_a_bad_document_leaves_its_neighbours_alone(self) -> None:
        good = self._documents()[0]
        bad = Document("Ceci n'est pas pris.", "xx")

        before, failure, after = self._run(lambda analyzer: analyzer.analyze([good, bad, good], Options()))

        assert isinstance(before, Analysis)
        assert isinstance(failure, UnsupportedLanguageError)
        assert isinstance(after, Analysis)

    def test_a_passed_deadline_is_a_failure_of_each_document(self) -> None:
        documents = self._documents()[:2]

        outcomes = self._run(lambda analyzer: analyzer.analyze(documents, Options(deadline=-math.inf)))

        assert [type(outcome) for outcome in outcomes] == [DeadlineExceededError] * 2

    def test_concurrent_calls_do_not_mix_their_answers(self) -> None:
        documents = self._documents()

        async def together(analyzer: Analyzer) -> list[list[object]]:
            calls = [analyzer.analyze([document], Options()) for document in documents]
            return [list(outcomes) for outcomes in await asyncio.gather(*calls)]

        for document, [outcome] in zip(documents, self._run(together), strict=True):
            assert isinstance(outcome, Analysis)
            assert outcome.language == document.language

    def test_a_working_analyzer_is_ready_and_closes_twice_without_harm(self) -> None:
        async def use(analyzer: Analyzer) -> None:
            await analyzer.ready()
            await analyzer.aclose()
            await analyzer.aclose()

        self._run(use)


def _labels(analysis: Analysis) -> object:
    """What must not change with the company a document is in; scores may, in their last digits."""
    return (
        analysis.sentiment and analysis.sentiment.sentiment,
        [(entity.begin, entity.end, entity.type) for entity in analysis.entities or ()],
        [(phrase.begin, phrase.end) for phrase in analysis.key_phrases or ()],
    )
