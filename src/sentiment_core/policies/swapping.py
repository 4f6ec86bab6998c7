"""One analyzer takes the place of another, and no call notices."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sentiment_core.metric_names import ANALYZER_INFO, MODEL_SWAPS
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Metrics


class SwappingAnalyzer(AnalyzerDecorator):
    """Hands each call to the analyzer that is there when it begins; ``swap`` puts another one there.

    A call under way ends on the analyzer that it began with, which is closed after the last of them. Stands outside
    splitting, coalescing and whatever else takes a document apart: so each answer is from one version as a whole. It
    stands inside caching, which looks at the version that an answer names.
    """

    def __init__(self, inner: Analyzer, *, metrics: Metrics, on_trial: bool = False) -> None:
        """ANALYZER_INFO shows the version, unless it is ``on_trial`` beside the one that the metric is about."""
        super().__init__(inner)
        self._metrics = metrics
        self._on_trial = on_trial
        self._calls: Counter[Analyzer] = Counter()
        self._retired: set[Analyzer] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._show(inner, 1)

    # What stands outside asks here and not further inside, where another analyzer may be tomorrow.

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def model_version(self) -> str:
        return self.inner.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        with self._chosen() as analyzer:
            return await analyzer.analyze(documents, options)

    async def ready(self) -> None:
        with self._chosen() as analyzer:
            await analyzer.ready()

    def swap(self, analyzer: Analyzer) -> None:
        """From now on ``analyzer`` answers, which was not here before. To be called on the running event loop."""
        old, self.inner = self.inner, analyzer
        self._retired.add(old)
        self._close_unused(old)
        self._show(old, 0)
        self._show(analyzer, 1)
        self._metrics.add(MODEL_SWAPS, 1, self.name)

    async def aclose(self) -> None:
        retired, self._retired = self._retired, set()
        await asyncio.gather(*self._closing, *(analyzer.aclose() for analyzer in (self.inner, *retired)))

    @contextmanager
    def _chosen(self) -> Iterator[Analyzer]:
        analyzer = self.inner
        self._calls[analyzer] += 1
        try:
            yield analyzer
        finally:
            self._calls[analyzer] -= 1
            self._close_unused(analyzer)

    def _close_unused(self, analyzer: Analyzer) -> None:
        if self._calls[analyzer]:
            return
        del self._calls[analyzer]
        if analyzer in self._retired:
            self._retired.remove(analyzer)
            closing = asyncio.create_task(analyzer.aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _show(self, analyzer: Analyzer, value: int) -> None:
        if not self._on_trial:
            self._metrics.set(ANALYZER_INFO, value, analyzer.name, analyzer.model_version)
