"""Another analyzer is asked as well, and nobody waits for it."""

import asyncio
import logging
from collections.abc import Sequence

from msgspec import Struct

from sentiment_core.agreement import Agreement, agreement_of
from sentiment_core.errors import AnalyzerError, DeadlineExceededError
from sentiment_core.metric_names import (
    SHADOW_CONFIDENCE_DIFFERENCE,
    SHADOW_DROPPED,
    SHADOW_FAILURES,
    SHADOW_LATENCY_SECONDS,
    SHADOW_SENTIMENTS,
    SHADOW_SPANS,
)
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock, Metrics, Random, Sleep
from sentiment_core.tracking import ShadowWindow

PAUSE = 0.1
"""Seconds between an answer and the question to the shadow: the caller has it by then."""

_log = logging.getLogger(__name__)


class _Sample(Struct):
    """Documents of one call, with the primary's answers, and the seconds that the call took."""

    documents: list[Document]
    answers: list[Analysis]
    features: frozenset[Feature]
    seconds: float


class ShadowingAnalyzer(AnalyzerDecorator):
    """A ``share`` (0 to 1) of the documents that ``inner`` has answered is asked of ``shadow`` too; they are compared.

    The caller has the answer before the shadow hears of the question, and never hears of what becomes of it. The shadow
    has ``timeout`` seconds of its own. At most ``max_documents`` are with it; what does not fit is dropped and counted.
    What the primary has failed, or another answered in its place, is not compared, nor is anything while both are one
    version, as after a promotion. Stands inside the cache: an answer
    from there would be paid for and computed again only to say the same, and make the primary look as fast as a cache.
    """

    def __init__(
        self,
        inner: Analyzer,
        shadow: Analyzer,
        *,
        share: float,
        max_documents: int,
        timeout: float,
        window: ShadowWindow,
        metrics: Metrics,
        clock: Clock,
        sleep: Sleep,
        random: Random,
    ) -> None:
        super().__init__(inner)
        self.shadow = shadow
        self._share = share
        self._room = max_documents
        self._timeout = timeout
        self._window = window
        self._metrics = metrics
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._comparisons: set[asyncio.Task[None]] = set()

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        started = self._clock()
        outcomes = await self.inner.analyze(documents, options)
        sample = _Sample([], [], options.features, self._clock() - started)
        for document, outcome in zip(documents, outcomes, strict=True):
            if isinstance(outcome, Analysis) and self._is_comparable(outcome) and self._random() < self._share:
                self._take(document, outcome, sample)
        if sample.documents:
            comparison = asyncio.create_task(self._compare(sample))
            self._comparisons.add(comparison)
            comparison.add_done_callback(self._comparisons.discard)
        return outcomes

    def _is_comparable(self, answer: Analysis) -> bool:
        same = (answer.analyzer, answer.model_version) == (self.shadow.name, self.shadow.model_version)
        return not answer.degraded and not same

    def _take(self, document: Document, answer: Analysis, sample: _Sample) -> None:
        if not self._room:
            self._metrics.add(SHADOW_DROPPED, 1)
            self._window.drop()
            return
        self._room -= 1
        sample.documents.append(document)
        sample.answers.append(answer)

    async def _compare(self, sample: _Sample) -> None:
        try:
            await self._sleep(PAUSE)
            started = self._clock()
            outcomes = await self._ask(sample)
            seconds = self._clock() - started
            for answer, outcome in zip(sample.answers, outcomes, strict=True):
                if isinstance(outcome, Analysis):
                    self._note(answer, outcome, sample.seconds, seconds)
                else:
                    self._fail(outcome.code)
        finally:
            self._room += len(sample.documents)

    async def _ask(self, sample: _Sample) -> list[Outcome]:
        options = Options(sample.features, self._clock() + self._timeout)
        try:
            async with asyncio.timeout(self._timeout):
                return await self.shadow.analyze(sample.documents, options)
        except TimeoutError:
            return [DeadlineExceededError("The shadow did not answer in time.")] * len(sample.documents)
        except Exception as error:  # a mistake in it is seen, and does no harm; its words may be the caller's
            _log.warning("The shadow %s breaks: %s", self.shadow.name, type(error).__name__)
            return [AnalyzerError("The shadow breaks.")] * len(sample.documents)

    def _fail(self, code: str) -> None:
        self._metrics.add(SHADOW_FAILURES, 1, code)
        self._window.fail(code)

    def _note(self, primary: Analysis, shadow: Analysis, primary_seconds: float, shadow_seconds: float) -> None:
        agreement = agreement_of(primary, shadow)
        name, language = shadow.analyzer, primary.language
        self._window.record(language, agreement, primary_seconds, shadow_seconds)
        self._metrics.observe(SHADOW_LATENCY_SECONDS, primary_seconds, "primary", primary.analyzer, language)
        self._metrics.observe(SHADOW_LATENCY_SECONDS, shadow_seconds, "shadow", name, language)
        self._measure(agreement, name, language)

    def _measure(self, agreement: Agreement, name: str, language: str) -> None:
        add = self._metrics.add
        if agreement.same_sentiment is not None:
            add(SHADOW_SENTIMENTS, 1, name, language, "yes" if agreement.same_sentiment else "no")
        if agreement.confidence_difference is not None:
            self._metrics.observe(SHADOW_CONFIDENCE_DIFFERENCE, agreement.confidence_difference, name, language)
        for feature, spans in ((Feature.ENTITIES, agreement.entities), (Feature.KEY_PHRASES, agreement.key_phrases)):
            if spans is not None:
                add(SHADOW_SPANS, spans.exact, name, language, feature, "both")
                add(SHADOW_SPANS, spans.gold - spans.exact, name, language, feature, "primary")
                add(SHADOW_SPANS, spans.predicted - spans.exact, name, language, feature, "shadow")

    async def aclose(self) -> None:
        for comparison in self._comparisons:
            comparison.cancel()
        await asyncio.gather(*self._comparisons, return_exceptions=True)
        await asyncio.gather(self.inner.aclose(), self.shadow.aclose())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r}, {self.shadow!r})"
