"""Minutes of traffic on virtual time: the service's own chain around a scripted Comprehend."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

from adapters.analyzers.comprehend.calls import MAX_BYTES, MAX_DOCUMENTS
from adapters.caches.memory import MemoryCache
from adapters.language_detectors.fasttext import FasttextDetector
from entrypoints.chains import EMBEDDED_BATCH, comprehend_chain, embedded_chain, service_chain
from entrypoints.settings import Settings
from sentiment_core.errors import AnalyzerUnavailableError, OverloadedError
from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BREAKER_TRANSITIONS, RETRY_COUNT
from sentiment_core.models import ALL_FEATURES, Analysis, Document, Feature, Options, Outcome
from sentiment_core.ports import Analyzer, Clock
from sentiment_core.testing import FakeAnalyzer, InMemorySpendStore, RecordingMetrics, run_virtually
from sentiment_core.tracking import TrackingWindow

PATIENCE = 5.0
REQUESTS_PER_SECOND = 10


class Upstream(FakeAnalyzer):
    """Comprehend, by the second: whether it is ``down``, and how long a call takes. ``begun`` is when calls began."""

    def __init__(self, down: Callable[[float], bool], latency: Callable[[float], float]) -> None:
        super().__init__(name="comprehend")
        self.begun: list[float] = []
        self._down = down
        self._latency = latency

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        now = asyncio.get_running_loop().time
        self.begun.append(now())
        outcomes = await super().analyze(documents, options)
        await asyncio.sleep(self._latency(now()))
        return [AnalyzerUnavailableError("503")] * len(documents) if self._down(now()) else outcomes


class Minutes:
    """Requests at a steady rate for ``seconds``, each for ``features``, and what became of them.

    The embedded model takes ``embedded_s`` seconds for a batch. ``waits`` are the seconds until each answer, in the
    order of ``answers``; ``refusals`` those until each refusal for want of room.
    """

    def __init__(
        self,
        seconds: float,
        *,
        rate: int = REQUESTS_PER_SECOND,
        down: Callable[[float], bool] = lambda _: False,
        latency: Callable[[float], float] = lambda _: 0.1,
        embedded_s: float = 0.0,
        features: frozenset[Feature] = ALL_FEATURES,
        **settings: Any,
    ) -> None:
        self.upstream = Upstream(down, latency)
        self.embedded = FakeAnalyzer(name="embedded", before=lambda: asyncio.sleep(embedded_s))
        self.metrics = RecordingMetrics()
        self.answers: list[Analysis] = []
        self.waits: list[float] = []
        self.refusals: list[float] = []
        self.failures = 0
        self.late = 0
        self._rate = rate
        self._features = features
        self._settings = Settings(analyzer="comprehend", **settings)
        random.seed(4)  # the policies' delays
        run_virtually(self._main(seconds))

    async def _main(self, seconds: float) -> None:
        clock = asyncio.get_running_loop().time
        service = self._service(clock)
        requests = []
        for number in range(int(seconds * self._rate)):
            requests.append(asyncio.create_task(self._request(service, f"text {number}", clock)))
            await asyncio.sleep(1 / self._rate)
        await asyncio.gather(*requests)
        await self._request(service, "after all of them", clock)

    def _service(self, clock: Clock) -> Analyzer:
        ledger = Ledger(InMemorySpendStore(), metrics=self.metrics, wall_clock=clock, sleep=asyncio.sleep)
        common: Any = {"ledger": ledger, "metrics": self.metrics, "clock": clock}
        backend = comprehend_chain(
            self.upstream, self._settings, max_bytes=MAX_BYTES, max_documents=MAX_DOCUMENTS, **common
        )
        del common["ledger"]
        embedded = embedded_chain(self.embedded, max_bytes=MAX_BYTES, max_documents=EMBEDDED_BATCH, **common)
        return service_chain(
            self._settings,
            backend,
            lambda: embedded,
            detector=FasttextDetector(),
            cache=MemoryCache(max_bytes=1_000_000, ttl=60, **common),
            ledger=ledger,
            window=TrackingWindow(),
            new_id=lambda _: "",
            **common,
        )

    async def _request(self, service: Analyzer, text: str, clock: Clock) -> None:
        begin = clock()
        [outcome] = await service.analyze([Document(text)], Options(self._features, begin + PATIENCE))
        self.late += clock() > begin + PATIENCE
        if isinstance(outcome, Analysis):
            self.answers.append(outcome)
            self.waits.append(clock() - begin)
        elif isinstance(outcome, OverloadedError):
            self.refusals.append(clock() - begin)
        else:
            self.failures += 1

    @property
    def all_are_answered(self) -> bool:
        """In time, by whomever."""
        return bool(self.answers) and not (self.failures or self.refusals or self.late)

    def answered_by(self, analyzer: str) -> int:
        """Documents."""
        return sum(answer.analyzer == analyzer for answer in self.answers)

    @property
    def retries(self) -> float:
        return sum(self.metrics.value(RETRY_COUNT, feature) for feature in Feature)

    def openings(self, feature: Feature) -> float:
        """Times that the breaker of a feature has opened."""
        return self.metrics.value(BREAKER_TRANSITIONS, feature, "open")
