"""Caching, admission and fallback together, through random outages of the primary; seeded, on virtual time."""

import asyncio
import random

import pytest

from adapters.caches.memory import MemoryCache
from sentiment_core.errors import AnalysisError, AnalyzerUnavailableError, InvalidTextError, ThrottledError
from sentiment_core.metric_names import ADMITTED_DOCUMENTS, CACHE_LOOKUPS, QUEUE_DEPTH, SHED_COUNT
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_language_and_features
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually

TEXTS = [f"text {number}" for number in range(12)]
BAD = "bad"
BATCHES = range(20)
SEEDS_A_TEST = 50


def chain(primary: Analyzer, secondary: Analyzer, metrics: RecordingMetrics, max_concurrent: int = 4) -> Analyzer:
    """As the container composes it, without what a paid call needs. To be called with the loop running."""
    common = {"metrics": metrics, "clock": asyncio.get_running_loop().time}
    batches = CoalescingAnalyzer(
        primary, max_documents=5, max_concurrent=max_concurrent, key=by_language_and_features, **common
    )
    admission = AdmissionAnalyzer(batches, max_documents=2 * 5 * max_concurrent, metrics=metrics)
    fallback = FallbackAnalyzer(
        admission, AdmissionAnalyzer(secondary, max_documents=400, metrics=metrics), reserve=0.5, **common
    )
    return CachingAnalyzer(fallback, MemoryCache(max_bytes=100_000, ttl=5, **common), **common)


class Outage(FakeAnalyzer):
    """A primary with phases of a few seconds: well, slow, throttled, gone, or hanging whatever the deadline is."""

    def __init__(self, choice: random.Random) -> None:
        super().__init__({BAD: InvalidTextError("No.")}, name="primary", before=self._take_time)
        self.well = False
        self._choice = choice

    def next_phase(self) -> None:
        name = self._choice.choice(["well", "slow", "throttled", "gone", "hanging"])
        self.well = name == "well"
        self._seconds = {"slow": 3.0, "hanging": 20.0}.get(name, 0.05)
        error = {"throttled": ThrottledError("No."), "gone": AnalyzerUnavailableError("No.")}.get(name)
        self.script = {BAD: InvalidTextError("No.")} | (dict.fromkeys(TEXTS, error) if error else {})

    def recover(self) -> None:
        self._seconds, self.script = 0.05, {BAD: InvalidTextError("No.")}

    async def _take_time(self) -> None:
        await asyncio.sleep(self._seconds)


class Simulation:
    """Twenty callers in about fifteen seconds, some of whom go away."""

    def __init__(self, seed: int) -> None:
        self.choice = random.Random(seed)
        self.primary = Outage(self.choice)
        self.secondary = FakeAnalyzer(
            {BAD: InvalidTextError("No.")}, name="secondary", before=lambda: asyncio.sleep(0.02)
        )
        self.metrics = RecordingMetrics()
        run_virtually(self._main())

    async def _main(self) -> None:
        self.clock = asyncio.get_running_loop().time
        service = chain(self.primary, self.secondary, self.metrics)
        phases = asyncio.create_task(self._phases())
        callers = []
        for _ in range(20):
            await asyncio.sleep(self.choice.expovariate(1.3))
            callers.append(asyncio.create_task(self._caller(service)))
        await asyncio.gather(*callers)
        phases.cancel()
        await self._check_afterwards(service)

    async def _phases(self) -> None:
        while True:
            self.primary.next_phase()
            await asyncio.sleep(self.choice.uniform(0.5, 5))

    async def _caller(self, service: Analyzer) -> None:
        documents = [Document(self.choice.choice([*TEXTS, BAD])) for _ in range(self.choice.randint(1, 6))]
        deadline = self.clock() + self.choice.uniform(0.2, 5)
        call = asyncio.create_task(service.analyze(documents, Options(deadline=deadline)))
        leaves = self.choice.uniform(0, 1) if self.choice.random() < 0.2 else None
        await asyncio.wait([call], timeout=leaves)
        if call.done():
            assert self.clock() <= deadline + 1e-6
            self._check(documents, call.result())
        call.cancel()
        await asyncio.wait([call])

    def _check(self, documents: list[Document], outcomes: list[Outcome]) -> None:
        assert len(outcomes) == len(documents)
        for document, outcome in zip(documents, outcomes, strict=True):
            if document.text == BAD:
                assert isinstance(outcome, AnalysisError)
            else:
                assert isinstance(outcome, Analysis)
                assert outcome.degraded == (outcome.analyzer == "secondary") == bool(outcome.degraded_reason)

    async def _check_afterwards(self, service: Analyzer) -> None:
        self.primary.recover()
        await asyncio.sleep(30)
        self.primary.calls.clear()
        self.secondary.calls.clear()
        outcomes = await service.analyze([Document(text) for text in TEXTS], Options(deadline=self.clock() + 5))
        assert {outcome.analyzer for outcome in outcomes if isinstance(outcome, Analysis)} == {"primary"}
        assert not self.secondary.calls
        assert self.metrics.value(ADMITTED_DOCUMENTS, "primary") == self.metrics.value(QUEUE_DEPTH, "primary") == 0
        assert self.metrics.value(ADMITTED_DOCUMENTS, "secondary") == self.metrics.value(SHED_COUNT, "secondary") == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("batch", BATCHES)
def test_every_caller_has_its_answers_by_its_deadline_and_everything_comes_back(batch: int) -> None:
    simulations = [Simulation(batch * SEEDS_A_TEST + seed) for seed in range(SEEDS_A_TEST)]

    assert sum(simulation.metrics.value(CACHE_LOOKUPS, "hit") for simulation in simulations) > 0


def test_what_nobody_waits_for_any_more_is_never_handed_to_the_primary() -> None:
    """The abort goes through caching, admission and fallback to the queue, at once."""

    async def main() -> None:
        primary, metrics = FakeAnalyzer(before=lambda: asyncio.sleep(1)), RecordingMetrics()
        service = chain(primary, FakeAnalyzer(), metrics, max_concurrent=1)
        callers = [asyncio.create_task(service.analyze([Document("a")], Options(deadline=9)))]
        await asyncio.sleep(0.25)
        callers += [asyncio.create_task(service.analyze([Document(text)], Options(deadline=9))) for text in "bbc"]
        await asyncio.sleep(0.25)
        for gone in callers[1:3]:
            gone.cancel()
        await asyncio.wait(callers[1:3])
        assert asyncio.get_running_loop().time() == 0.5
        assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 2

        await asyncio.gather(callers[0], callers[3])

        assert [[document.text for document in documents] for documents, _ in primary.calls] == [["a"], ["c"]]

    run_virtually(main())
