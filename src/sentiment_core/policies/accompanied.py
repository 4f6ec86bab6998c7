"""What keeps an analyzer company begins and ends with it."""

import asyncio
from collections.abc import Sequence

from sentiment_core.ledger import Ledger
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer
from sentiment_core.probing import GoldenProbe


class AccompaniedAnalyzer(AnalyzerDecorator):
    """Has ``ledger`` and ``probe`` at work from ``start``, or else from the first call, until it is closed.

    The first call waits until the ledger has read what was spent before. The probe ends before the analyzer that it
    asks, and the ledger after what may still charge it.
    """

    def __init__(self, inner: Analyzer, *, ledger: Ledger | None = None, probe: GoldenProbe | None = None) -> None:
        super().__init__(inner)
        self._ledger = ledger
        self._probe = probe
        self._start: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when all is at work; does nothing when it is."""
        if self._start is None:
            self._start = asyncio.create_task(self._begin())
        await asyncio.shield(self._start)  # others may wait for it as well

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if self._start is None or not self._start.done():
            await self.start()
        return await self.inner.analyze(documents, options)

    async def aclose(self) -> None:
        started, self._start = self._start, None
        if started is None:
            await self.inner.aclose()
            return
        await started
        if self._probe is not None:
            await self._probe.stop()
        await self.inner.aclose()
        if self._ledger is not None:
            await self._ledger.stop()

    async def _begin(self) -> None:
        if self._ledger is not None:
            await self._ledger.start()
        if self._probe is not None:
            self._probe.start()
