"""GCRA on virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.resilience import RateLimiter
from sentiment_core.testing import ManualClock

RATES = st.sampled_from([0.5, 1.0, 3.0, 100.0])


@pytest.mark.parametrize(("rate", "at_once"), [(1.0, 10), (100.0, 1_000), (0.01, 1)])
def test_a_burst_is_so_many_seconds_worth_and_at_least_one(rate: float, at_once: int) -> None:
    limiter = RateLimiter(ManualClock(), burst=10)

    assert [limiter.admit("a", rate) for _ in range(at_once)] == [0.0] * at_once
    assert limiter.admit("a", rate) == pytest.approx(1 / rate)


@given(rate=RATES, gaps=st.lists(st.floats(0, 5), max_size=200))
def test_never_more_than_the_burst_and_the_rate_are_let_in(rate: float, gaps: list[float]) -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock, burst=10)
    admitted: list[float] = []

    for gap in gaps:
        clock.advance(gap)
        if not limiter.admit("a", rate):
            admitted.append(clock())

    for first, begin in enumerate(admitted):
        for last, end in enumerate(admitted[first:], start=1):
            assert last <= rate * (end - begin + 10) + 1e-6


@given(rate=RATES, asked=st.integers(1, 50), ahead=st.integers(0, 30))
def test_who_waits_as_long_as_it_was_told_is_let_in_and_no_sooner(rate: float, asked: int, ahead: int) -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock, burst=10)
    for _ in range(asked):
        limiter.admit("a", rate)
    limiter.charge("a", rate, ahead)

    wait = limiter.admit("a", rate)

    if wait:
        clock.advance(wait * 0.99)
        assert limiter.admit("a", rate) > 0
        clock.advance(wait * 0.011)
        assert limiter.admit("a", rate) == 0


@given(rate=RATES, gaps=st.lists(st.floats(0, 5), max_size=50))
def test_who_keeps_to_its_rate_is_never_refused(rate: float, gaps: list[float]) -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock, burst=0)

    for gap in gaps:
        clock.advance(1 / rate + gap)
        assert limiter.admit("a", rate) == 0


def test_a_batch_is_let_in_whole_and_paid_for_afterwards() -> None:
    clock = ManualClock()
    limiter = RateLimiter(clock, burst=10)

    assert limiter.admit("a", 1) == 0
    limiter.charge("a", 1, 99)

    assert limiter.admit("a", 1) == pytest.approx(91)


def test_callers_do_not_share_their_rates() -> None:
    limiter = RateLimiter(ManualClock(), burst=1)

    assert [limiter.admit(caller, 1) for caller in "aabb"] == [0, 1, 0, 1]


def test_a_refusal_costs_nothing() -> None:
    limiter = RateLimiter(ManualClock(), burst=1)
    limiter.admit("a", 1)

    assert [limiter.admit("a", 1) for _ in range(100)] == [1] * 100


def test_memory_is_bounded_and_the_callers_seen_last_are_kept() -> None:
    limiter = RateLimiter(ManualClock(), burst=1, max_callers=10)
    for number in range(100_000):
        limiter.admit(f"caller {number}", 1)

    assert len(limiter) == 10
    assert limiter.admit("caller 99999", 1) > 0
    assert limiter.admit("caller 0", 1) == 0
