"""A few documents are answered by the analyzer that is on trial."""

import asyncio
import logging
from collections.abc import Sequence
from hashlib import sha256

from sentiment_core.errors import AnalyzerError
from sentiment_core.metric_names import CANARY_ANSWERS, CANARY_CONFIDENCE, CANARY_FAILURES, CANARY_LATENCY_SECONDS
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator, ask_first
from sentiment_core.ports import Analyzer, Clock, Metrics
from sentiment_core.tracking import CanaryWindow, TrackingWindow

_log = logging.getLogger(__name__)


class CanaryAnalyzer(AnalyzerDecorator):
    """A ``share`` (0 to 1) of all texts is answered by ``canary``; such answers name it.

    Which texts is decided by a hash of ``salt`` and text: a text has the same analyzer each time, in every replica with
    that salt, and those of a smaller share are among those of a larger. What the canary fails, for whatever reason,
    ``inner`` answers as if there were no canary; ``reserve`` seconds of the deadline, at most half of what is left, are
    kept for that. Stands outside the cache: each of the two has its own entries, by its name and version.
    """

    def __init__(
        self,
        inner: Analyzer,
        canary: Analyzer,
        *,
        share: float,
        salt: str,
        reserve: float,
        window: CanaryWindow,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        super().__init__(inner)
        self.canary = canary
        self._below = round(share * 2**64)
        self._salt = salt.encode() + b"\0"
        self._reserve = reserve
        self._window = window
        self._metrics = metrics
        self._clock = clock

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        chosen = [self._is_chosen(document.text) for document in documents]
        if not any(chosen) or options.deadline <= self._clock():
            return await self._ask_inner(documents, options)
        tried, rest = (
            [document for document, is_chosen in zip(documents, chosen, strict=True) if is_chosen is side]
            for side in (True, False)
        )
        if not rest:
            return await self._try_canary(tried, options)
        answers = await asyncio.gather(self._try_canary(tried, options), self._ask_inner(rest, options))
        canarys, inners = map(iter, answers)
        return [next(canarys if is_chosen else inners) for is_chosen in chosen]

    def _is_chosen(self, text: str) -> bool:
        digest = sha256(self._salt + text.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8]) < self._below

    async def _try_canary(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self._ask_canary(documents, options)
        self._note("canary", self._window.canary, outcomes, self._clock() - started)
        failures = {place: error for place, error in enumerate(outcomes) if not isinstance(error, Analysis)}
        if failures:
            for error in failures.values():
                self._metrics.add(CANARY_FAILURES, 1, error.code)
            answers = await self._ask_inner([documents[place] for place in failures], options)
            for place, answer in zip(failures, answers, strict=True):
                outcomes[place] = answer
        return outcomes

    async def _ask_canary(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        try:
            return await ask_first(self.canary, documents, options, reserve=self._reserve, clock=self._clock)
        except Exception as error:  # no caller is to suffer from what is on trial; its words may be the caller's
            _log.warning("The canary %s breaks: %s", self.canary.name, type(error).__name__)
            return [AnalyzerError("The canary breaks.")] * len(documents)

    async def _ask_inner(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self.inner.analyze(documents, options)
        self._note("primary", self._window.primary, outcomes, self._clock() - started)
        return outcomes

    def _note(self, side: str, window: TrackingWindow, outcomes: Sequence[Outcome], seconds: float) -> None:
        window.record(outcomes, seconds)
        for outcome in outcomes:
            if isinstance(outcome, Analysis):
                labels = (side, outcome.analyzer, outcome.language)
                self._metrics.add(CANARY_ANSWERS, 1, *labels)
                self._metrics.observe(CANARY_LATENCY_SECONDS, seconds, *labels)
                if outcome.sentiment is not None:
                    self._metrics.observe(CANARY_CONFIDENCE, outcome.sentiment.confidence, *labels)

    async def aclose(self) -> None:
        await asyncio.gather(self.inner.aclose(), self.canary.aclose())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r}, {self.canary!r})"
