"""Long documents in, one answer out."""

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

from msgspec.structs import replace

from sentiment_core.errors import AnalysisError
from sentiment_core.models import (
    Analysis,
    Document,
    Entity,
    KeyPhrase,
    Options,
    Outcome,
    Sentiment,
    SentimentScore,
    top_sentiment,
)
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer
from sentiment_core.segments import Span, segments

Item = TypeVar("Item", Entity, KeyPhrase)


class SplittingAnalyzer(AnalyzerDecorator):
    """Cuts documents of more than ``max_bytes`` bytes (UTF-8) into segments and merges the segments' answers.

    Entities and key phrases are those of the segments, at their offsets in the whole text. The sentiment's scores
    are the mean of the segments' scores, each weighted by the characters of its segment; the label is the highest.
    A document whose segment fails, fails: a part of a text is never passed off as the whole.
    """

    def __init__(self, inner: Analyzer, max_bytes: int) -> None:
        super().__init__(inner)
        self._max_bytes = max_bytes

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if all(self._fits(document.text) for document in documents):
            return await self.inner.analyze(documents, options)
        spans = [self._spans(document.text) for document in documents]
        parts = [
            replace(document, text=document.text[begin:end]) if (begin, end) != (0, len(document.text)) else document
            for document, cuts in zip(documents, spans, strict=True)
            for begin, end in cuts
        ]
        outcomes = iter(await self.inner.analyze(parts, options))
        return [merge(cuts, list(islice(outcomes, len(cuts)))) for cuts in spans]

    def _fits(self, text: str) -> bool:
        return len(text) * 4 <= self._max_bytes or len(text.encode()) <= self._max_bytes

    def _spans(self, text: str) -> list[Span]:
        if self._fits(text):
            return [(0, len(text))]
        # Nobody answers white space, and Comprehend would charge for it.
        return [(begin, end) for begin, end in segments(text, self._max_bytes) if not text[begin:end].isspace()]


def merge(spans: Sequence[Span], outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome from those of a document's segments; the first failure, if there is one."""
    analyses: list[Analysis] = []
    for outcome in outcomes:
        if isinstance(outcome, AnalysisError):
            return outcome
        analyses.append(outcome)
    if spans[0][0] == 0 and len(analyses) == 1:
        return analyses[0]
    return replace(
        analyses[0],
        sentiment=_mean_sentiment(spans, [analysis.sentiment for analysis in analyses]),
        entities=_shifted(spans, [analysis.entities for analysis in analyses]),
        key_phrases=_shifted(spans, [analysis.key_phrases for analysis in analyses]),
    )


def _mean_sentiment(spans: Sequence[Span], parts: Sequence[Sentiment | None]) -> Sentiment | None:
    weighted = [(end - begin, part.scores) for (begin, end), part in zip(spans, parts, strict=True) if part]
    if not weighted:
        return None
    total = sum(weight for weight, _ in weighted)
    return top_sentiment(
        SentimentScore(
            positive=sum(weight * scores.positive for weight, scores in weighted) / total,
            negative=sum(weight * scores.negative for weight, scores in weighted) / total,
            neutral=sum(weight * scores.neutral for weight, scores in weighted) / total,
            mixed=sum(weight * scores.mixed for weight, scores in weighted) / total,
        )
    )


def _shifted(spans: Sequence[Span], parts: Sequence[tuple[Item, ...] | None]) -> tuple[Item, ...] | None:
    if any(part is None for part in parts):
        return None
    return tuple(
        replace(item, begin=item.begin + begin, end=item.end + begin)
        for (begin, _), part in zip(spans, parts, strict=True)
        for item in part or ()
    )
