"""The chain to a paid analyzer through scripted outages: a thousand seeds, minutes each, on virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import pytest

from sentiment_core.errors import (
    AnalysisError,
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InvalidReplyError,
    InvalidTextError,
    ThrottledError,
)
from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BREAKER_TRANSITIONS
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_language_and_features
from sentiment_core.policies.cost import CostAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.policies.retrying import RetryingAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.resilience import BreakerRules, Circuit, Pacer, RecentTimes, RetryBudget, State
from sentiment_core.testing import (
    FakeAnalyzer,
    InMemorySpendStore,
    RecordingMetrics,
    fake_analysis,
    run_virtually,
)

BATCHES = range(20)
SEEDS_A_BATCH = 50
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
        self.analyzer = PerFeatureAnalyzer({feature: self._chain(feature.value) for feature in Feature})

    def _chain(self, operation: str) -> Analyzer:
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


async def storm(seed: int) -> None:
    """Half a minute of requests in moods that change, then calm."""
    world = World(seed)
    choice = world.choice
    asked: list[asyncio.Task[Outcome]] = []
    for _ in range(choice.randint(2, 4)):
        mood = choice.choice(["well", "slow", "hanging", "flaky", *ERRORS])
        for feature in Feature:
            world.upstream.moods[feature] = mood if choice.random() < 0.8 else "well"
        for _ in range(choice.randint(3, 10)):
            text = BAD if choice.random() < 0.05 else "text"
            asked += [asyncio.create_task(world.ask(text, choice.uniform(0.3, 8))) for _ in range(choice.randint(1, 2))]
            await asyncio.sleep(choice.expovariate(1))
    outcomes = await asyncio.gather(*asked)

    assert len(world.answers) == len(asked)
    assert world.upstream.too_late == 0
    assert 0 <= world.budget.lowest <= world.budget.tokens <= RetryBudget.TOKENS
    assert all(isinstance(outcome, Analysis | AnalysisError) for outcome in outcomes)
    await world.recover()
    for _ in range(BreakerRules().probes):
        assert await world.ask("text") == fake_analysis()
    assert all(circuit.state is State.CLOSED for circuit in world.circuits.values())


@pytest.mark.parametrize("batch", BATCHES)
def test_every_request_is_answered_once_and_in_time_and_the_breaker_comes_back(batch: int) -> None:
    for seed in range(batch * SEEDS_A_BATCH, (batch + 1) * SEEDS_A_BATCH):
        try:
            run_virtually(storm(seed))
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


async def outage(mood: str) -> World:
    """A minute of twenty requests a second while no call goes well."""
    world = World(seed=1, single=1e3, batch=1e3)
    world.upstream.moods = dict.fromkeys(Feature, mood)
    asked = []
    for _ in range(60 * 20):
        asked.append(asyncio.create_task(world.ask("text")))
        await asyncio.sleep(0.05)
    outcomes = await asyncio.gather(*asked)
    assert not any(isinstance(outcome, Analysis) for outcome in outcomes)
    return world


@pytest.mark.parametrize("mood", ["down", "broken", "throttled", "denied", "hanging"])
def test_an_outage_of_a_minute_costs_at_most_a_tenth_more_calls_than_were_needed_first(mood: str) -> None:
    world = run_virtually(outage(mood))

    assert world.upstream.made <= 1.1 * sum(first.calls for first in world.firsts)


def test_a_broken_upstream_is_hardly_called_at_all_during_an_outage() -> None:
    world = run_virtually(outage("down"))

    assert world.upstream.made < 0.05 * sum(first.calls for first in world.firsts)


def test_an_upstream_that_comes_and_goes_does_not_make_the_breaker_flap() -> None:
    async def run() -> float:
        world = World(seed=2)
        for second in range(300):
            mood = "well" if second // 5 % 2 else "down"
            world.upstream.moods = dict.fromkeys(Feature, mood)
            for _ in range(4):
                await asyncio.gather(*(world.ask("text") for _ in range(2)))
                await asyncio.sleep(0.2)
        return world.metrics.value(BREAKER_TRANSITIONS, "sentiment", "open")

    # Without the doubling it would open with each of the 30 downs.
    assert run_virtually(run()) <= 12


def throughput(callers: int, ask: Callable[[World], Awaitable[object]]) -> float:
    """Documents a second that so many callers, who ask again as soon as they are answered, get under the quota."""

    async def run() -> float:
        world = World(seed=3)
        answered = 0

        async def caller() -> None:
            nonlocal answered
            while world.clock() < 12:
                await ask(world)
                answered += 2 <= world.clock() < 12

        await asyncio.gather(*(caller() for _ in range(callers)))
        assert all(isinstance(outcome, Analysis) for _, outcome in world.answers)
        return answered / 10

    return run_virtually(run())


@pytest.mark.parametrize("callers", [128, 256])
def test_many_callers_get_more_than_eleven_times_what_single_calls_may_answer(callers: int) -> None:
    assert throughput(callers, lambda world: world.ask("text", 60)) / 20 >= (10.5 if callers == 128 else 12)


@pytest.mark.parametrize("callers", [1, 2])
def test_a_caller_or_two_do_not_wait_for_company(callers: int) -> None:
    assert throughput(callers, lambda world: world.ask("text")) == pytest.approx(20, rel=0.01)
