import pytest

from sentiment_core.errors import (
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InvalidReplyError,
    InvalidTextError,
    OverloadedError,
    OverQuotaError,
    ThrottledError,
)
from sentiment_core.metric_names import RETRY_COUNT
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.retrying import DELAY_S, THROTTLING_DELAY_S, RetryingAnalyzer
from sentiment_core.resilience import Circuit, RecentTimes, RetryBudget
from sentiment_core.testing import FakeAnalyzer, ManualClock, RecordingMetrics

A, B, C = Document("a"), Document("b"), Document("c")
DOWN = AnalyzerUnavailableError("It is down.")
THROTTLED = ThrottledError("Slow down.")


class Retried:
    """A fake whose first call goes by ``script`` and whose later ones go well."""

    def __init__(self, script: dict[str, Outcome], random: float = 0.5) -> None:
        self.clock = ManualClock()
        self.metrics = RecordingMetrics()
        self.fake = FakeAnalyzer(script)
        self.slept: list[float] = []
        self.budget = RetryBudget(self.metrics)
        self.circuit = Circuit("sentiment", metrics=self.metrics, clock=self.clock, random=lambda: 0.5)
        self.times = RecentTimes()
        self.analyzer = RetryingAnalyzer(
            self.fake,
            "sentiment",
            budget=self.budget,
            circuit=self.circuit,
            times=self.times,
            metrics=self.metrics,
            clock=self.clock,
            sleep=self.sleep,
            random=lambda: random,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)
        self.fake.script = {}

    async def call(self, *documents: Document, deadline: float = 10.0) -> list[Outcome]:
        return await self.analyzer.analyze(documents, Options(deadline=deadline))

    def calls(self) -> list[list[Document]]:
        return [documents for documents, _ in self.fake.calls]

    def open_circuit(self) -> None:
        self.circuit.record([CredentialsError("They have expired.")], 0.1)


async def test_only_what_failed_is_asked_again_in_one_call_and_order_is_kept() -> None:
    retried = Retried({"a": DOWN, "c": InvalidReplyError("It makes no sense.")})

    outcomes = await retried.call(A, B, C)

    assert all(isinstance(outcome, Analysis) for outcome in outcomes)
    assert retried.calls() == [[A, B, C], [A, C]]
    assert retried.metrics.value(RETRY_COUNT, "sentiment") == 1


async def test_there_is_no_third_attempt() -> None:
    retried = Retried({})
    retried.fake.before = lambda: retried.sleep(0)
    retried.analyzer.inner = FakeAnalyzer({"a": DOWN})

    assert await retried.call(A) == [DOWN]
    assert len(retried.analyzer.inner.calls) == 2


@pytest.mark.parametrize(
    "error",
    [
        InvalidTextError("It is empty."),
        DeadlineExceededError("It took too long."),
        CredentialsError("They have expired."),
        OverloadedError("It is full."),
        OverQuotaError("There is no room."),
        AnalyzerError("Nobody knows."),
    ],
    ids=lambda error: error.code,
)
async def test_what_does_not_pass_by_itself_is_not_asked_again(error: Outcome) -> None:
    retried = Retried({"a": error})

    assert await retried.call(A) == [error]
    assert len(retried.calls()) == 1


async def test_refused_credentials_end_the_call_for_its_other_documents_too() -> None:
    retried = Retried({"a": DOWN, "b": CredentialsError("They have expired.")})

    await retried.call(A, B)

    assert len(retried.calls()) == 1


@pytest.mark.parametrize("random", [0.0, 0.25, 0.99])
@pytest.mark.parametrize(("error", "longest"), [(DOWN, DELAY_S), (THROTTLED, THROTTLING_DELAY_S)])
async def test_the_delay_is_any_up_to_the_longest(error: Outcome, longest: float, random: float) -> None:
    retried = Retried({"a": error}, random)

    await retried.call(A)

    assert retried.slept == [random * longest]


async def test_a_retry_must_leave_time_for_the_delay_and_for_what_the_upstream_takes_lately() -> None:
    for deadline, attempts in ((1.0, 1), (1.5, 2)):
        retried = Retried({"a": THROTTLED})
        for _ in range(100):
            retried.times.add(1.0)

        await retried.call(A, deadline=deadline)

        assert len(retried.calls()) == attempts


async def test_nothing_is_asked_again_while_the_circuit_is_not_closed() -> None:
    retried = Retried({"a": DOWN})
    retried.open_circuit()

    assert await retried.call(A) == [DOWN]
    assert len(retried.calls()) == 1
    assert retried.budget.tokens == RetryBudget.TOKENS


async def test_nothing_is_asked_again_when_the_circuit_opened_during_the_delay() -> None:
    retried = Retried({"a": DOWN})

    async def sleep(seconds: float) -> None:
        retried.open_circuit()

    retried.sleep = sleep  # type: ignore[method-assign]
    retried.analyzer = RetryingAnalyzer(
        retried.fake,
        "sentiment",
        budget=retried.budget,
        circuit=retried.circuit,
        times=retried.times,
        metrics=retried.metrics,
        clock=retried.clock,
        sleep=sleep,
        random=lambda: 0.5,
    )

    assert await retried.call(A) == [DOWN]
    assert len(retried.calls()) == 1


async def test_retries_stop_when_their_budget_is_spent_and_go_on_when_calls_went_well() -> None:
    retried = Retried({"a": DOWN})
    while retried.budget.spend([DOWN]):
        pass
    assert await retried.call(A) == [DOWN]
    assert len(retried.calls()) == 1
    retried.fake.script = {}
    for _ in range(RetryBudget.COST):
        await retried.call(A)
    retried.fake.script = {"a": DOWN}

    [outcome] = await retried.call(A)

    assert isinstance(outcome, Analysis)


async def test_a_call_that_failed_earns_nothing() -> None:
    retried = Retried({"a": CredentialsError("They have expired.")})
    retried.budget.spend([DOWN])

    await retried.call(A)

    assert retried.budget.tokens == RetryBudget.TOKENS - RetryBudget.COST
