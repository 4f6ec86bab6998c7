"""Every answer has an id of its own."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer


class IdentifyingAnalyzer(AnalyzerDecorator):
    """Stamps ``Analysis.id``. Stands outside a cache: two answers from one entry have two ids."""

    def __init__(self, inner: Analyzer, new_id: Callable[[Analysis], str]) -> None:
        super().__init__(inner)
        self._new_id = new_id

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        return [
            replace(outcome, id=self._new_id(outcome)) if isinstance(outcome, Analysis) else outcome
            for outcome in outcomes
        ]
