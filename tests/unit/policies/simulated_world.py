"""The chain to a paid analyzer, with an upstream that fails as it is told to, for virtual time."""

import asyncio
import random
from collections.abc import Sequence

from sentiment_core.errors import (
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InvalidReplyError,
    InvalidTextError,
    ThrottledError,
)
from sentiment_core.ledger import Ledger
from sentiment_core.models import Document, Feature, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_language_and_features
from sentiment_core.policies.cost import CostAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.policies.retrying import RetryingAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.resilience import BreakerRules, Circuit, Pacer, RecentTimes, RetryBudget
from sentiment_core.testing import (
    FakeAnalyzer,
    InMemorySpendStore,
    RecordingMetrics,
)

LATENCY_S = 0.05
BAD = "bad"
LONGEST_OPEN_S = BreakerRules().longest_open_s * (1 + BreakerRules().jitter)


ERRORS = {
    "down": AnalyzerUnavailableError("It is down."),
    "broken": InvalidReplyError("It makes no sense."),
    "throttled": ThrottledError("Slow down."),
    "denied": CredentialsError("They have expired."),
}


class Upstream(FakeAnalyzer):
    """Fails as it is told to, by feature; counts calls, and those that were made after their deadline."""

    def __init__(self, choice: random.Random) -> None:
        super().__init__({BAD: InvalidTextError("It is empty.")})
        self._clock = asyncio.get_running_loop().time
        self._choice = choice
        self.moods = dict.fromkeys(Feature, "well")
        self.made = 0
        self.too_late = 0

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        [feature] = options.features
        self.made += 1
        self.too_late += self._clock() > options.deadline
        mood = self.moods[feature]
        if mood == "flaky":
            mood = self._choice.choice(["well", "down", "throttled"])
        seconds = {"well": LATENCY_S, "slow": 1.5, "hanging": 600.0}.get(mood, 0.005)
        if seconds > options.deadline - self._clock():
            await asyncio.sleep(options.deadline - self._clock())
            return [DeadlineExceededError("It took too long.")] * len(documents)
        await asyncio.sleep(seconds)
        error = ERRORS.get(mood)
        return [self._answer(document, options) if error is None else error for document in documents]


class First(AnalyzerDecorator):
    """Counts what is asked for before any policy has a say: the calls that requests needed first."""

    def __init__(self, inner: Analyzer) -> None:
        super().__init__(inner)
        self.calls = 0

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        self.calls += 1
        return await self.inner.analyze(documents, options)


class WatchedBudget(RetryBudget):
    """Remembers how low it came."""

    lowest = RetryBudget.TOKENS

    def spend(self, failures: Sequence[AnalyzerError]) -> bool:
        granted = super().spend(failures)
        self.lowest = min(self.lowest, self.tokens)
        return granted


class World:
    """The chain of every feature to one upstream, in virtual time."""

    def __init__(self, seed: int, *, single: float = 20.0, batch: float = 10.0, at_once: int = 5) -> None:
        self.choice = random.Random(seed)
        self.clock = asyncio.get_running_loop().time
        self.metrics = RecordingMetrics()
        self.upstream = Upstream(self.choice)
        self.budget = WatchedBudget(self.metrics)
        self.ledger = Ledger(InMemorySpendStore(), metrics=self.metrics, wall_clock=self.clock, sleep=asyncio.sleep)
        self.circuits: dict[Feature, Circuit] = {}
        self.firsts: list[First] = []
        self.answers: list[tuple[float, Outcome]] = []
        self._single, self._batch, self._at_once = single, batch, at_once
        self.analyzer = PerFeatureAnalyzer({feature: self._chain(feature.value) for feature in Feature}, self.clock)

    def _chain(self, operation: str) -> CoalescingAnalyzer:
        circuit = Circuit(operation, metrics=self.metrics, clock=self.clock, random=self.choice.random)
        self.circuits[Feature(operation)] = circuit
        times = RecentTimes()
        inner: Analyzer = CostAnalyzer(self.upstream, operation, ledger=self.ledger, metrics=self.metrics)
        inner = ObservingAnalyzer(inner, circuit=circuit, times=times, clock=self.clock)
        inner = QuotaAnalyzer(
            inner,
            operation,
            single=Pacer(self._single, self.clock),
            batch=Pacer(self._batch, self.clock),
            times=times,
            metrics=self.metrics,
            clock=self.clock,
            sleep=asyncio.sleep,
        )
        inner = RetryingAnalyzer(
            inner,
            operation,
            budget=self.budget,
            circuit=circuit,
            times=times,
            metrics=self.metrics,
            clock=self.clock,
            sleep=asyncio.sleep,
            random=self.choice.random,
        )
        first = First(BreakerAnalyzer(inner, circuit))
        self.firsts.append(first)
        return CoalescingAnalyzer(
            first,
            max_documents=25,
            max_concurrent=self._at_once,
            key=by_language_and_features,
            metrics=self.metrics,
            clock=self.clock,
        )

    async def ask(self, text: str, seconds: float = 5.0) -> Outcome:
        deadline = self.clock() + seconds
        [outcome] = await self.analyzer.analyze([Document(text)], Options(deadline=deadline))
        self.answers.append((deadline, outcome))
        assert self.clock() <= deadline + 1e-6
        return outcome

    async def recover(self) -> None:
        """The upstream is well from now on, and circuits have had their time."""
        self.upstream.moods = dict.fromkeys(Feature, "well")
        await asyncio.sleep(LONGEST_OPEN_S)
