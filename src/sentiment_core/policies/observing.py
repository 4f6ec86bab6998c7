"""Each call to the upstream is told to whom it concerns."""

from collections.abc import Sequence

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock
from sentiment_core.resilience import Circuit, RecentTimes


class ObservingAnalyzer(AnalyzerDecorator):
    """Tells ``circuit`` how each call went, and ``times`` how long it took.

    Stands inside the quota: seen from outside it, a call that waits for its turn would look like a slow upstream.
    """

    def __init__(self, inner: Analyzer, *, circuit: Circuit, times: RecentTimes, clock: Clock) -> None:
        super().__init__(inner)
        self._circuit = circuit
        self._times = times
        self._clock = clock

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self.inner.analyze(documents, options)
        seconds = self._clock() - started
        self._times.add(seconds)
        self._circuit.record(outcomes, seconds)
        return outcomes
