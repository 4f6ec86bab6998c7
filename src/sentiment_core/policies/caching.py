"""What was answered already is not asked again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sentiment_core.caching.entries import cache_key, decode_entry, encode_entry
from sentiment_core.caching.flights import Flights
from sentiment_core.errors import DeadlineExceededError
from sentiment_core.metric_names import CACHE_FAILURES, CACHE_LOOKUPS
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Cache, Clock, Metrics


class CachingAnalyzer(AnalyzerDecorator):
    """Looks answers up by name and version of the analyzer that is chosen now, the features, the language and the text.

    An answer serves the very set of features that it was asked for. Only what the chosen analyzer answered itself is
    kept: neither failures, nor answers of a fallback, nor those of a version that came in meanwhile. Documents that
    are being asked for already, by this call or another, are waited for. The cache never holds a text.

    While ``is_full`` says that ``inner`` would refuse, what is cached or under way is answered all the same. The rest
    is refused without a flight of its own: its task would be half of what a refusal costs, at the worst time.
    """

    def __init__(
        self,
        inner: Analyzer,
        cache: Cache,
        *,
        clock: Clock,
        metrics: Metrics,
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(inner)
        self._cache = cache
        self._is_full = is_full
        self._clock = clock
        self._metrics = metrics
        self._flights = Flights(self._ask)

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if options.deadline <= self._clock():
            return [DeadlineExceededError("The deadline has passed: allow the request more time.")] * len(documents)
        name, version = self.name, self.model_version
        keys = [cache_key(name, version, options.features, document) for document in documents]
        values = await self._cache.get_many(keys)
        hits = [
            None if value is None else self._decode(value, document, name, version)
            for value, document in zip(values, documents, strict=True)
        ]
        found: list[Outcome] = [hit for hit in hits if hit is not None]
        self._count(len(found), len(hits))
        if len(found) == len(hits):
            return found
        missing = {key: document for key, document, hit in zip(keys, documents, hits, strict=True) if hit is None}
        refused = self._is_full() and not self._flights.any_under_way(missing)
        answers = await (self._ask if refused else self._flights.find)(missing, options)
        return [answers[key] if hit is None else hit for key, hit in zip(keys, hits, strict=True)]

    def _decode(self, value: bytes, document: Document, name: str, version: str) -> Analysis | None:
        try:
            return decode_entry(value, document, name, version)
        except ValueError:
            self._metrics.add(CACHE_FAILURES, 1, "decode")
            return None

    def _count(self, hits: int, lookups: int) -> None:
        if hits:
            self._metrics.add(CACHE_LOOKUPS, hits, "hit")
        if lookups > hits:
            self._metrics.add(CACHE_LOOKUPS, lookups - hits, "miss")

    async def _ask(self, wanted: Mapping[bytes, Document], options: Options) -> Mapping[bytes, Outcome]:
        outcomes = dict(zip(wanted, await self.inner.analyze(list(wanted.values()), options), strict=True))
        # The key that an answer would have tells whether it is the chosen analyzer's own.
        entries = {
            key: encode_entry(outcome)
            for key, outcome in outcomes.items()
            if isinstance(outcome, Analysis)
            and not outcome.degraded
            and cache_key(outcome.analyzer, outcome.model_version, options.features, wanted[key]) == key
        }
        if entries:
            await self._cache.set_many(entries)
        return outcomes

    async def aclose(self) -> None:
        await asyncio.gather(super().aclose(), self._cache.aclose())
