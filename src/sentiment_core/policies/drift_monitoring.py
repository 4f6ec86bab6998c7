"""What a model answers is compared with what it answered when it was measured."""

from collections.abc import Sequence

from sentiment_core.drift import DriftWindow
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer


class DriftMonitoringAnalyzer(AnalyzerDecorator):
    """Adds each document answered to ``window``, which shows the drift until this is closed.

    Stands next outside what is one model, splitting included, and is swapped with it: the reference is the model's, and
    is about whole documents. Answers from a cache do not come by.
    """

    def __init__(self, inner: Analyzer, window: DriftWindow) -> None:
        super().__init__(inner)
        self._window = window

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        for document, outcome in zip(documents, outcomes, strict=True):
            if isinstance(outcome, Analysis):
                self._window.observe(document, outcome)
        return outcomes

    async def aclose(self) -> None:
        await super().aclose()
        self._window.close()
