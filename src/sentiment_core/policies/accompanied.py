"""What keeps an analyzer company begins and ends with it."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer


class Companion(Protocol):
    """Works in the background of the event loop from ``start`` to ``stop``, each of which is called once at most."""

    async def start(self) -> None:
        """Returns when calls may come."""
        ...

    async def stop(self) -> None: ...


class AccompaniedAnalyzer(AnalyzerDecorator):
    """Has its companions at work from ``start``, or else from the first call, until it is closed.

    They begin in order, those ``around`` first, and end in the opposite order: those ``beside`` before the analyzer,
    which they may still ask; those ``around`` after it, since closing it may still give them something to do. The
    first call waits until all have begun.
    """

    def __init__(self, inner: Analyzer, *, around: Sequence[Companion] = (), beside: Sequence[Companion] = ()) -> None:
        super().__init__(inner)
        self._around = around
        self._beside = beside
        self._start: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when all are at work; does nothing when they are."""
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
        for companion in reversed(self._beside):
            await companion.stop()
        await self.inner.aclose()
        for companion in reversed(self._around):
            await companion.stop()

    async def _begin(self) -> None:
        for companion in (*self._around, *self._beside):
            await companion.start()
