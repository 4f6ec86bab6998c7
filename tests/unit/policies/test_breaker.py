import asyncio

from sentiment_core.errors import AnalyzerUnavailableError, BreakerOpenError
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.resilience import BreakerRules, Circuit, RecentTimes
from sentiment_core.testing import FakeAnalyzer, ManualClock, RecordingMetrics

RULES = BreakerRules()
A, B = Document("a"), Document("b")
DOWN: dict[str, Outcome] = {"a": AnalyzerUnavailableError("It is down.")}


class Guarded:
    """A fake behind a breaker, with the observer that tells its circuit."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.fake = FakeAnalyzer()
        circuit = Circuit("sentiment", metrics=RecordingMetrics(), clock=self.clock, random=lambda: 0.5)
        observing = ObservingAnalyzer(self.fake, circuit=circuit, times=RecentTimes(), clock=self.clock)
        self.analyzer = BreakerAnalyzer(observing, circuit)

    async def call(self, *documents: Document) -> list[Outcome]:
        return await self.analyzer.analyze(documents, Options())

    async def break_down(self) -> None:
        self.fake.script = DOWN
        for _ in range(RULES.failures_in_a_row):
            await self.call(A)
        self.fake.calls.clear()


async def test_while_open_every_document_fails_at_once_and_nothing_is_asked() -> None:
    guarded = Guarded()
    await guarded.break_down()

    outcomes = await guarded.call(A, B)

    assert [type(outcome) for outcome in outcomes] == [BreakerOpenError] * 2
    assert not guarded.fake.calls


async def test_a_batch_in_which_one_document_is_answered_is_no_failure() -> None:
    guarded = Guarded()
    guarded.fake.script = DOWN

    for _ in range(10 * RULES.failures_in_a_row):
        assert isinstance((await guarded.call(A, B))[1], Analysis)


async def test_it_comes_back_by_itself() -> None:
    guarded = Guarded()
    await guarded.break_down()
    guarded.fake.script = {}
    guarded.clock.advance(RULES.open_s)

    outcomes = [(await guarded.call(A))[0] for _ in range(50)]

    assert all(isinstance(outcome, Analysis) for outcome in outcomes)


async def test_a_probe_that_is_cancelled_gives_its_place_to_another() -> None:
    guarded = Guarded()
    await guarded.break_down()
    guarded.clock.advance(RULES.open_s)
    guarded.fake.before = asyncio.Event().wait
    probes = [asyncio.create_task(guarded.call(A)) for _ in range(RULES.probes)]
    await asyncio.sleep(0)
    assert isinstance((await guarded.call(A))[0], BreakerOpenError)

    for probe in probes:
        probe.cancel()
    await asyncio.gather(*probes, return_exceptions=True)

    guarded.fake.before = None
    guarded.fake.script = {}
    assert isinstance((await guarded.call(A))[0], Analysis)


async def test_calls_that_take_too_long_open_it_though_they_are_answered() -> None:
    guarded = Guarded()
    answer = asyncio.Event()
    guarded.fake.before = answer.wait
    calls = [asyncio.create_task(guarded.call(A)) for _ in range(RULES.minimum_calls)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # a call is a task of its own
    guarded.clock.advance(RULES.slow_s)
    answer.set()

    outcomes = await asyncio.gather(*calls)

    assert all(isinstance(outcome, Analysis) for [outcome] in outcomes)
    assert isinstance((await guarded.call(A))[0], BreakerOpenError)
