"""An analyzer that is full says so at once."""

from collections.abc import Sequence

from sentiment_core.errors import OverloadedError
from sentiment_core.metric_names import ADMITTED_DOCUMENTS, SHED_COUNT
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Metrics


class AdmissionAnalyzer(AnalyzerDecorator):
    """At most ``max_documents`` documents are inside: those that run, and a queue no longer than those.

    So ``max_documents`` is at most twice what runs at once: a longer queue answers nobody sooner, and all late. A call
    that finds no place free is refused, with an OverloadedError for each of its documents; no call is refused in part.
    Each analyzer has a policy of its own, so that a fallback takes what its primary has no place for.

    A call takes a place for each of its documents, but at most half of the free ones, so that single documents find
    room beside batches. What it has no places for has its turn when those before it are answered: a batch of any size
    is taken, and goes slower when the service is busy. A caller that goes away frees its places.
    """

    def __init__(self, inner: Analyzer, *, max_documents: int, metrics: Metrics) -> None:
        super().__init__(inner)
        self._free = max_documents
        self._metrics = metrics
        self._label = inner.name

    @property
    def full(self) -> bool:
        """Whether a call would be refused now."""
        return not self._free

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if documents and self.full:
            self._metrics.add(SHED_COUNT, len(documents), self._label)
            return [_refusal()] * len(documents)
        outcomes: list[Outcome] = []
        while rest := documents[len(outcomes) :]:  # there is a place: the last turn's have just been freed
            outcomes += await self._turn(rest, options)
        return outcomes

    async def _turn(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        places = min(len(documents), (self._free + 1) // 2)
        self._occupy(places)
        try:
            return await self.inner.analyze(documents[:places], options)
        finally:
            self._occupy(-places)

    def _occupy(self, places: int) -> None:
        self._free -= places
        self._metrics.add(ADMITTED_DOCUMENTS, places, self._label)


def _refusal() -> OverloadedError:
    return OverloadedError("The service is full: send it again in a few seconds, or to another replica.")
