"""Each call to the upstream is told to whom it concerns."""

import asyncio
from collections.abc import Sequence

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock
from sentiment_core.resilience import Circuit, RecentTimes


class ObservingAnalyzer(AnalyzerDecorator):
    """Tells ``circuit`` how each call went, and ``times`` how long it took.

    Stands inside the quota: seen from outside it, a call that waits for its turn would look like a slow upstream. A
    call that has begun is seen through to its end, also when nobody waits for it any more: it tells as much, and costs
    as much.
    """

    def __init__(self, inner: Analyzer, *, circuit: Circuit, times: RecentTimes, clock: Clock) -> None:
        super().__init__(inner)
        self._circuit = circuit
        self._times = times
        self._clock = clock
        self._calls: set[asyncio.Task[list[Outcome]]] = set()

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        call = asyncio.create_task(self._observe(documents, options))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.shield(call)

    async def _observe(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self.inner.analyze(documents, options)
        seconds = self._clock() - started
        self._times.add(seconds)
        self._circuit.record(outcomes, seconds)
        return outcomes

    async def aclose(self) -> None:
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await super().aclose()
