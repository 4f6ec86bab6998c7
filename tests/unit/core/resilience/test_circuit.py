import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from sentiment_core.errors import AnalyzerUnavailableError, CredentialsError, DeadlineExceededError, ThrottledError
from sentiment_core.metric_names import BREAKER_STATE, BREAKER_TRANSITIONS
from sentiment_core.models import Outcome
from sentiment_core.resilience import BreakerRules, Circuit, State
from sentiment_core.testing import ManualClock, RecordingMetrics, fake_analysis

RULES = BreakerRules()
GOOD: list[Outcome] = [fake_analysis()]
DOWN: list[Outcome] = [AnalyzerUnavailableError("It is down.")]
CUT: list[Outcome] = [DeadlineExceededError("It took too long.")]
DENIED: list[Outcome] = [CredentialsError("They have expired.")]
THROTTLED: list[Outcome] = [ThrottledError("Slow down.")]


class Bench:
    """A circuit whose open times have no jitter unless ``random`` says so."""

    def __init__(self, random: float = 0.5) -> None:
        self.clock = ManualClock(1_000.0)
        self.metrics = RecordingMetrics()
        self.random = random
        self.circuit = Circuit("sentiment", metrics=self.metrics, clock=self.clock, random=lambda: self.random)

    def state(self) -> State:
        return self.circuit.state

    def call(self, outcomes: list[Outcome], seconds: float = 0.1) -> None:
        permit = self.circuit.enter()
        assert permit is not None
        self.circuit.record(outcomes, seconds)
        self.circuit.leave(permit)

    def calls(self, *outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.call(outcome)

    def break_down(self) -> None:
        self.calls(*[DOWN] * RULES.failures_in_a_row)
        assert self.state() is State.OPEN

    def recover(self) -> None:
        self.calls(*[GOOD] * RULES.probes)
        assert self.state() is State.CLOSED

    def seconds_open(self) -> float:
        start = self.clock.now
        while (permit := self.circuit.enter()) is None:
            self.clock.advance(0.25)
        self.circuit.leave(permit)
        return self.clock.now - start


def test_five_failures_in_a_row_open_it() -> None:
    bench = Bench()
    bench.calls(DOWN, DOWN, DOWN, DOWN, GOOD, DOWN, DOWN, DOWN, DOWN)
    assert bench.state() is State.CLOSED

    bench.call(DOWN)

    assert bench.state() is State.OPEN
    assert bench.circuit.enter() is None


def test_half_of_twenty_calls_failing_open_it() -> None:
    bench = Bench()
    bench.calls(*[DOWN, GOOD] * 9, DOWN)
    assert bench.state() is State.CLOSED

    bench.call(GOOD)

    assert bench.state() is State.OPEN


def test_calls_older_than_the_window_are_forgotten() -> None:
    bench = Bench()
    bench.calls(*[DOWN, GOOD] * 9)
    bench.clock.advance(RULES.window_s)

    bench.calls(DOWN, GOOD)

    assert bench.state() is State.CLOSED


def test_eight_of_ten_calls_being_slow_open_it_though_all_are_answered() -> None:
    bench = Bench()
    for _ in range(5):
        bench.call(GOOD, seconds=0.99)
    for _ in range(19):
        bench.call(GOOD, seconds=RULES.slow_s)
    assert bench.state() is State.CLOSED

    bench.call(GOOD, seconds=RULES.slow_s)

    assert bench.state() is State.OPEN


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.5, 4.0])
def test_calls_that_are_all_slow_open_it_within_a_window_however_few_they_are(seconds: float) -> None:
    """Three at once, as under the default quota: beyond 1.5 s never twenty of them end in a window."""
    bench = Bench()
    started = bench.clock.now
    while bench.state() is State.CLOSED:
        bench.clock.advance(seconds)
        for _ in range(3):
            bench.circuit.record(GOOD, seconds)

    assert bench.clock.now - started <= RULES.window_s


def test_while_few_calls_are_made_a_fast_one_among_them_keeps_it_closed() -> None:
    bench = Bench()
    for _ in range(10):
        bench.call(GOOD, seconds=0.1)
        for _ in range(RULES.all_slow_calls - 1):
            bench.clock.advance(1.5)
            bench.call(GOOD, seconds=1.5)

    assert bench.state() is State.CLOSED


def test_refused_credentials_open_it_at_once() -> None:
    bench = Bench()

    bench.call(DENIED)

    assert bench.state() is State.OPEN


def test_throttling_neither_opens_nor_closes_it() -> None:
    bench = Bench()
    bench.calls(*[THROTTLED] * 100)
    assert bench.state() is State.CLOSED

    bench.break_down()
    bench.clock.advance(RULES.open_s)
    bench.calls(*[THROTTLED] * 10)

    assert bench.state() is State.HALF_OPEN


def test_callers_in_a_hurry_do_not_open_it() -> None:
    bench = Bench()
    for _ in range(100):
        bench.call(CUT, seconds=0.01)
    assert bench.state() is State.CLOSED

    for _ in range(RULES.failures_in_a_row):
        bench.call(CUT, seconds=RULES.slow_s)

    assert bench.state() is State.OPEN


def test_after_its_time_three_probes_are_let_through_and_close_it_when_all_are_answered() -> None:
    bench = Bench()
    bench.break_down()
    bench.clock.advance(RULES.open_s - 0.01)
    assert bench.circuit.enter() is None
    bench.clock.advance(0.01)

    permits = [bench.circuit.enter() for _ in range(5)]

    assert [permit is not None for permit in permits] == [True, True, True, False, False]
    for _ in range(3):
        assert bench.state() is State.HALF_OPEN
        bench.circuit.record(GOOD, 0.1)
    assert bench.state() is State.CLOSED


def test_a_probe_that_tells_nothing_gives_its_place_to_another() -> None:
    bench = Bench()
    bench.break_down()
    bench.clock.advance(RULES.open_s)
    permits = [bench.circuit.enter() for _ in range(3)]
    assert bench.circuit.enter() is None

    bench.circuit.leave(permits[0])

    assert bench.circuit.enter() is not None


def test_a_call_from_before_takes_no_probes_place() -> None:
    bench = Bench()
    old = bench.circuit.enter()
    bench.break_down()
    bench.clock.advance(RULES.open_s)
    probes = [bench.circuit.enter() for _ in range(3)]

    bench.circuit.leave(old)

    assert None not in probes
    assert bench.circuit.enter() is None


def test_a_probe_that_fails_or_is_slow_opens_it_again() -> None:
    for outcomes, seconds in ((DOWN, 0.1), (GOOD, RULES.slow_s)):
        bench = Bench()
        bench.break_down()
        bench.clock.advance(RULES.open_s)

        bench.call(outcomes, seconds)

        assert bench.state() is State.OPEN


def test_open_times_double_up_to_the_longest() -> None:
    bench = Bench()
    bench.break_down()
    times = []
    for _ in range(6):
        times.append(bench.seconds_open())
        bench.call(DOWN)

    assert times == [5, 10, 20, 40, 60, 60]


def test_an_upstream_that_comes_and_goes_is_asked_less_and_less_often() -> None:
    bench = Bench()
    bench.break_down()
    assert bench.seconds_open() == 5
    bench.recover()
    bench.clock.advance(RULES.longest_open_s - 1)
    bench.break_down()
    assert bench.seconds_open() == 10
    bench.recover()
    bench.clock.advance(RULES.longest_open_s)

    bench.break_down()

    assert bench.seconds_open() == 5


def test_open_times_have_a_fifth_of_jitter_either_way() -> None:
    times = []
    for random in (0.0, 0.5, 1.0):
        bench = Bench(random)
        bench.break_down()
        times.append(bench.seconds_open())

    assert times == [4, 5, 6]


def test_what_comes_in_late_while_it_is_open_counts_for_nothing() -> None:
    bench = Bench()
    bench.break_down()

    for outcomes in (GOOD, GOOD, GOOD, DOWN, DENIED):
        bench.circuit.record(outcomes, 0.1)

    assert bench.state() is State.OPEN
    assert bench.seconds_open() == 5


def test_its_states_can_be_read_as_metrics() -> None:
    bench = Bench()
    assert bench.metrics.labels(BREAKER_STATE)
    states = [bench.metrics.value(BREAKER_STATE, "sentiment")]
    bench.break_down()
    states.append(bench.metrics.value(BREAKER_STATE, "sentiment"))
    bench.seconds_open()
    states.append(bench.metrics.value(BREAKER_STATE, "sentiment"))
    bench.recover()
    states.append(bench.metrics.value(BREAKER_STATE, "sentiment"))

    assert states == [0, 2, 1, 0]
    for state in ("open", "half_open", "closed"):
        assert bench.metrics.value(BREAKER_TRANSITIONS, "sentiment", state) == 1


class CircuitMachine(RuleBasedStateMachine):
    """Any calls, at any time, ending in any way and order."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.permits: list[object] = []
        self.opened_at = 0.0

    @property
    def circuit(self) -> Circuit:
        return self.bench.circuit

    @rule(seconds=st.sampled_from([0.01, 1.0, 4.0, 11.0, 61.0, 72.0]))
    def time_passes(self, seconds: float) -> None:
        self.bench.clock.advance(seconds)

    @rule()
    def a_call_is_wanted(self) -> None:
        open_for = self.bench.clock.now - self.opened_at
        before = self.circuit.state
        permit = self.circuit.enter()
        if permit is not None:
            self.permits.append(permit)
        if before is State.CLOSED:
            assert permit is not None
        if before is State.OPEN:
            assert permit is None or open_for >= RULES.open_s * (1 - RULES.jitter)
            assert permit is not None or open_for <= RULES.longest_open_s * (1 + RULES.jitter)

    @precondition(lambda self: self.permits)
    @rule(
        data=st.data(),
        outcomes=st.sampled_from([GOOD, DOWN, CUT, DENIED, THROTTLED]),
        seconds=st.sampled_from([0.1, 2.0]),
        random=st.floats(0, 1),
    )
    def a_call_ends(self, data: st.DataObject, outcomes: list[Outcome], seconds: float, random: float) -> None:
        self.bench.random = random
        before = self.circuit.state
        self.circuit.record(outcomes, seconds)
        self.circuit.leave(self.permits.pop(data.draw(st.integers(0, len(self.permits) - 1))))
        if before is not State.OPEN and self.bench.state() is State.OPEN:
            self.opened_at = self.bench.clock.now
        if before is State.OPEN or outcomes is THROTTLED:
            assert self.circuit.state is before

    def teardown(self) -> None:
        """Whatever happened: after the longest open time, good probes close it."""
        for permit in self.permits:
            self.circuit.leave(permit)
        self.bench.clock.advance(RULES.longest_open_s * (1 + RULES.jitter))
        for _ in range(RULES.probes):
            self.bench.call(GOOD)
        assert self.bench.state() is State.CLOSED


TestCircuitMachine = CircuitMachine.TestCase
TestCircuitMachine.settings = settings(deadline=None, stateful_step_count=40)
