"""Calls are added up for the tracker."""

from collections.abc import Sequence

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock
from sentiment_core.tracking import TrackingWindow


class TrackingAnalyzer(AnalyzerDecorator):
    """Adds each call to ``window``, in memory; a TrackingRecorder hands that to the tracker."""

    def __init__(self, inner: Analyzer, window: TrackingWindow, clock: Clock) -> None:
        super().__init__(inner)
        self._window = window
        self._clock = clock

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self.inner.analyze(documents, options)
        self._window.record(outcomes, self._clock() - started)
        return outcomes
