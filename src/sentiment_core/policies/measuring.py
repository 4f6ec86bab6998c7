"""Documents and their answers are counted and measured."""

from collections.abc import Sequence

from sentiment_core.metric_names import ENTITIES_PER_TEXT, SENTIMENT_CONFIDENCE, SENTIMENT_COUNT, TEXT_LENGTH
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Metrics


class MeasuringAnalyzer(AnalyzerDecorator):
    """Measures each document answered; it stands outside any cache, so that cached answers count as well.

    A feature that was not asked for is not measured. Failures are counted where they are answered, by the entrypoint.
    """

    def __init__(self, inner: Analyzer, metrics: Metrics) -> None:
        super().__init__(inner)
        self._metrics = metrics

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        for document, outcome in zip(documents, outcomes, strict=True):
            if isinstance(outcome, Analysis):
                self._measure(document, outcome)
        return outcomes

    def _measure(self, document: Document, analysis: Analysis) -> None:
        self._metrics.observe(TEXT_LENGTH, len(document.text))
        if analysis.entities is not None:
            self._metrics.observe(ENTITIES_PER_TEXT, len(analysis.entities))
        if analysis.sentiment is not None:
            label = analysis.sentiment.sentiment
            self._metrics.add(SENTIMENT_COUNT, 1, label)
            self._metrics.observe(SENTIMENT_CONFIDENCE, analysis.sentiment.confidence, label)
