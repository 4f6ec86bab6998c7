"""A circuit breaker's state, of one operation."""

import math
from collections import deque
from collections.abc import Sequence
from enum import IntEnum

from msgspec import Struct

from sentiment_core.metric_names import BREAKER_STATE, BREAKER_TRANSITIONS
from sentiment_core.models import Outcome
from sentiment_core.ports import Clock, Metrics, Random
from sentiment_core.resilience.verdict import Verdict, judge


class State(IntEnum):
    """As numbers: what BREAKER_STATE shows."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class BreakerRules(Struct, frozen=True):
    """When the circuit opens, and for how long. Times are in seconds."""

    window_s: float = 10.0
    minimum_calls: int = 20
    failure_share: float = 0.5
    slow_share: float = 0.8
    slow_s: float = 1.0
    """Beyond it a call is slow: ten times what Comprehend usually takes."""
    all_slow_calls: int = 5
    """So few are enough when all of the window's were slow: slow calls are few. Of three at once that take 1.5 s each
    no more than 20 end in a window, and of those that take 4 s no more than 9."""
    failures_in_a_row: int = 5
    open_s: float = 5.0
    longest_open_s: float = 60.0
    jitter: float = 0.2
    """Of an open time, either way, so that replicas do not probe together."""
    probes: int = 3


class _Call(Struct, frozen=True):
    at: float
    failed: bool
    slow: bool


class Circuit:
    """Closed, it lets all calls through; open, none; half-open, as many probes as must succeed for it to close.

    Each open time is twice the one before, unless the circuit has been closed for the longest of them: an upstream
    that comes and goes is asked less and less often. That an open time is over is noticed by the next call.
    """

    def __init__(
        self, operation: str, *, metrics: Metrics, clock: Clock, random: Random, rules: BreakerRules | None = None
    ) -> None:
        self._operation = operation
        self._metrics = metrics
        self._clock = clock
        self._random = random
        self.rules = rules or BreakerRules()
        self.state = State.CLOSED
        self._window: deque[_Call] = deque()
        self._failed = 0  # of the window; counted along, since there may be thousands of calls in it
        self._slow = 0
        self._in_a_row = 0
        self._closed_at = -math.inf
        self._open_s = 0.0
        self._open_until = 0.0
        self._probes: set[object] = set()
        self._probed = 0
        metrics.set(BREAKER_STATE, State.CLOSED, operation)

    def enter(self) -> object | None:
        """Leave to make a call, to be given back by ``leave``; None when none may be made."""
        if self.state is State.OPEN and self._clock() >= self._open_until:
            self._probes.clear()
            self._probed = 0
            self._become(State.HALF_OPEN)
        permit = object()
        if self.state is State.HALF_OPEN:
            if len(self._probes) + self._probed >= self.rules.probes:
                return None
            self._probes.add(permit)
        return permit if self.state is not State.OPEN else None

    def leave(self, permit: object) -> None:
        """The call is over, also if it told nothing: another probe may take its place."""
        self._probes.discard(permit)

    def record(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        """What became of a call to the upstream, and how long it took. While open nothing counts."""
        slow = seconds >= self.rules.slow_s
        verdict = judge(outcomes, had_time=slow)
        if verdict is Verdict.SAYS_NOTHING or self.state is State.OPEN:
            return
        failed = verdict is not Verdict.ANSWERED
        if verdict is Verdict.REFUSED:
            self._open()
        elif self.state is State.HALF_OPEN:
            self._count_probe(well=not failed and not slow)
        else:
            self._count(_Call(self._clock(), failed, slow))

    def _count_probe(self, *, well: bool) -> None:
        self._probed += 1
        if not well:
            self._open()
        elif self._probed >= self.rules.probes:
            self._closed_at = self._clock()
            self._become(State.CLOSED)

    def _count(self, call: _Call) -> None:
        self._in_a_row = self._in_a_row + 1 if call.failed else 0
        self._window.append(call)
        self._failed += call.failed
        self._slow += call.slow
        while self._window[0].at <= call.at - self.rules.window_s:
            old = self._window.popleft()
            self._failed -= old.failed
            self._slow -= old.slow
        if self._in_a_row >= self.rules.failures_in_a_row or self._mostly_bad():
            self._open()

    def _mostly_bad(self) -> bool:
        calls, rules = len(self._window), self.rules
        if calls < rules.minimum_calls:
            return self._slow == calls >= rules.all_slow_calls
        return self._failed >= rules.failure_share * calls or self._slow >= rules.slow_share * calls

    def _open(self) -> None:
        now = self._clock()
        rested = self.state is State.CLOSED and now - self._closed_at >= self.rules.longest_open_s
        self._open_s = self.rules.open_s if rested else min(2 * self._open_s, self.rules.longest_open_s)
        self._open_until = now + self._open_s * (1 + self.rules.jitter * (2 * self._random() - 1))
        self._window.clear()
        self._failed = self._slow = self._in_a_row = 0
        self._become(State.OPEN)

    def _become(self, state: State) -> None:
        self.state = state
        self._metrics.set(BREAKER_STATE, state, self._operation)
        self._metrics.add(BREAKER_TRANSITIONS, 1, self._operation, state.name.lower())
