import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_core.resilience import Pacer
from sentiment_core.testing import ManualClock

FOREVER = float("inf")


def paced(rate: float) -> tuple[Pacer, ManualClock]:
    clock = ManualClock(100.0)
    return Pacer(rate, clock), clock


def test_turns_lie_evenly_apart_from_now_on() -> None:
    pacer, _ = paced(10)

    assert [pacer.reserve(FOREVER) for _ in range(4)] == pytest.approx([100.0, 100.1, 100.2, 100.3])


def test_turns_that_nobody_took_are_no_credit_for_a_burst() -> None:
    pacer, clock = paced(10)
    clock.advance(60)

    assert [pacer.reserve(FOREVER) for _ in range(3)] == pytest.approx([160.0, 160.1, 160.2])


def test_a_turn_that_comes_too_late_is_left_to_others() -> None:
    pacer, _ = paced(10)
    pacer.reserve(FOREVER)

    assert pacer.reserve(100.1) is None
    assert pacer.reserve(100.05) is None
    assert pacer.reserve(100.2) == pytest.approx(100.1)


def test_a_turn_that_leaves_too_little_time_for_the_call_is_left_to_others_unless_it_has_come() -> None:
    pacer, _ = paced(10)

    assert pacer.reserve(100.5, takes=3.0) == 100.0
    assert pacer.reserve(100.5, takes=0.5) is None
    assert pacer.reserve(100.5, takes=0.375) == pytest.approx(100.1)


def test_a_refusal_halves_the_rate_which_then_grows_by_one_a_second_up_to_what_was_set() -> None:
    pacer, clock = paced(10)

    pacer.throttled(100.0)

    rates = [pacer.rate]
    for _ in range(6):
        clock.advance(1)
        rates.append(pacer.rate)
    assert rates == [5, 6, 7, 8, 9, 10, 10]


def test_refusals_that_were_under_way_together_count_once() -> None:
    pacer, clock = paced(16)
    clock.advance(1)
    for _ in range(5):
        pacer.throttled(100.5)
    assert pacer.rate == 8

    pacer.throttled(101.0)

    assert pacer.rate == 4


def test_a_tenth_of_the_rate_is_kept_whatever_happens() -> None:
    pacer, clock = paced(10)

    for _ in range(20):
        pacer.throttled(clock.now)

    assert pacer.rate == 1


def test_after_a_refusal_the_next_turn_is_at_the_new_pace() -> None:
    pacer, clock = paced(10)
    pacer.reserve(FOREVER)

    pacer.throttled(clock.now)

    assert pacer.reserve(FOREVER) == pytest.approx(100.2)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.floats(0, 3)),
        st.tuples(st.just("reserve"), st.floats(0, 2)),
        st.tuples(st.just("throttled"), st.floats(0, 2)),
    ),
    max_size=60,
)


@given(rate=st.floats(0.5, 100), steps=STEPS)
@settings(deadline=None)
def test_whatever_happens_the_pace_is_kept(rate: float, steps: list[tuple[str, float]]) -> None:
    pacer, clock = paced(rate)
    last = -FOREVER
    for step, value in steps:
        if step == "advance":
            clock.advance(value)
        elif step == "throttled":
            pacer.throttled(clock.now - value)
        elif (turn := pacer.reserve(clock.now + value)) is not None:
            assert clock.now <= turn < clock.now + value
            assert turn >= (last + 1 / rate) * (1 - 1e-12)
            last = turn
        assert rate * Pacer.FLOOR * (1 - 1e-12) <= pacer.rate <= rate
