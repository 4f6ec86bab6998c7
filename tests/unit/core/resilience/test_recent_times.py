from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.resilience import RecentTimes


def test_the_upstream_is_quick_until_it_is_known() -> None:
    assert RecentTimes().p95 == 0


def test_old_times_are_forgotten() -> None:
    times = RecentTimes(size=10)
    for seconds in [60.0] * 10 + [0.1] * 10:
        times.add(seconds)

    assert times.p95 == 0.1


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_95_per_cent_are_over_within_the_95th_percentile_and_fewer_before_it(seconds: list[float]) -> None:
    times = RecentTimes()
    for one in seconds:
        times.add(one)

    assert sum(one <= times.p95 for one in seconds) >= 0.95 * len(seconds)
    assert sum(one < times.p95 for one in seconds) < 0.95 * len(seconds)
