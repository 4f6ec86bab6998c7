"""FakeAnalyzer: an analyzer scripted by text."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec.structs import replace

from sentiment_core.errors import AnalyzerUnavailableError, DeadlineExceededError
from sentiment_core.languages import LANGUAGES, unsupported_language
from sentiment_core.models import (
    Analysis,
    Document,
    Entity,
    Feature,
    KeyPhrase,
    Options,
    Outcome,
    SentimentScore,
    SentimentType,
    top_sentiment,
)

_SCORES = {
    SentimentType.POSITIVE: SentimentScore(0.97, 0.01, 0.01, 0.01),
    SentimentType.NEGATIVE: SentimentScore(0.01, 0.97, 0.01, 0.01),
    SentimentType.NEUTRAL: SentimentScore(0.01, 0.01, 0.97, 0.01),
    SentimentType.MIXED: SentimentScore(0.01, 0.01, 0.01, 0.97),
}


def fake_analysis(
    sentiment: SentimentType = SentimentType.NEUTRAL,
    entities: Sequence[Entity] = (),
    key_phrases: Sequence[KeyPhrase] = (),
    *,
    language: str = "en",
    analyzer: str = "fake",
    model_version: str = "fake-1.0",
) -> Analysis:
    """An answer with all three features; the sentiment's own score is 0.97."""
    return Analysis(
        sentiment=top_sentiment(_SCORES[sentiment]),
        entities=tuple(entities),
        key_phrases=tuple(key_phrases),
        model_version=model_version,
        analyzer=analyzer,
        language=language,
    )


class FakeAnalyzer:
    """Answers a text with what ``script`` says of it, any other text with NEUTRAL and nothing found.

    ``calls`` holds what it was asked. ``before`` is awaited at the start of each call: a test holds calls back with
    it, or raises. Set ``unready`` to a reason to have ``ready`` refuse.
    """

    def __init__(
        self,
        script: Mapping[str, Outcome] | None = None,
        *,
        name: str = "fake",
        model_version: str = "fake-1.0",
        before: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.script = dict(script or {})
        self.name = name
        self.model_version = model_version
        self.before = before
        self.calls: list[tuple[list[Document], Options]] = []
        self.unready = ""
        self.closed = False

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        self.calls.append((list(documents), options))
        if self.before is not None:
            await self.before()
        return [self._answer(document, options) for document in documents]

    def _answer(self, document: Document, options: Options) -> Outcome:
        if options.deadline == -math.inf:
            return DeadlineExceededError("The deadline has passed.")
        if document.language not in LANGUAGES:
            return unsupported_language(document.language, "en")
        outcome = self.script.get(document.text, fake_analysis())
        if not isinstance(outcome, Analysis):
            return outcome
        return replace(
            only(outcome, options.features),
            language=document.language,
            analyzer=self.name,
            model_version=self.model_version,
        )

    async def ready(self) -> None:
        if self.unready:
            raise AnalyzerUnavailableError(self.unready)

    async def aclose(self) -> None:
        self.closed = True

    def __repr__(self) -> str:
        return "FakeAnalyzer()"


def only(analysis: Analysis, features: frozenset[Feature]) -> Analysis:
    """The analysis without the features that were not asked for."""
    missing = {feature.value: None for feature in Feature if feature not in features}
    return replace(analysis, **missing) if missing else analysis
