"""What a model is called is decided where it is registered."""

from collections.abc import Sequence

from msgspec.structs import replace

from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer


class NamingAnalyzer(AnalyzerDecorator):
    """Answers under ``name`` and ``model_version`` in place of the analyzer's own."""

    def __init__(self, inner: Analyzer, name: str, model_version: str) -> None:
        super().__init__(inner)
        self._name = name
        self._model_version = model_version

    @property
    def name(self) -> str:
        return self._name

    @property
    def model_version(self) -> str:
        return self._model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        return [self._named(outcome) if isinstance(outcome, Analysis) else outcome for outcome in outcomes]

    def _named(self, analysis: Analysis) -> Analysis:
        return replace(analysis, analyzer=self._name, model_version=self._model_version)
