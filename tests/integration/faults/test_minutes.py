"""Outages of minutes, on virtual time."""

import statistics
from typing import Any

import pytest

from entrypoints.chains import places
from entrypoints.settings import Settings
from sentiment_core.metric_names import RETRY_BUDGET_TOKENS
from sentiment_core.models import Feature
from sentiment_core.resilience import BreakerRules, circuit
from tests.integration.faults.minutes import REQUESTS_PER_SECOND, Minutes

SENTIMENT = frozenset({Feature.SENTIMENT})


def test_in_a_minute_of_outage_all_are_answered_and_hardly_a_call_is_made() -> None:
    outage = Minutes(60, down=lambda _: True)

    assert outage.all_are_answered
    assert {answer.analyzer for answer in outage.answers} == {"embedded"}
    assert 0 < len(outage.upstream.calls) <= 0.1 * len(outage.answers)


def test_even_without_a_breaker_a_minute_of_outage_has_at_most_a_tenth_more_calls_than_first_attempts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    never = BreakerRules(failures_in_a_row=1_000_000, failure_share=2, slow_share=2)
    monkeypatch.setattr(circuit, "BreakerRules", lambda: never)
    outage = Minutes(60, down=lambda _: True)

    assert outage.all_are_answered
    first = len(outage.upstream.calls) - outage.retries
    assert 0 < outage.retries <= 35
    assert len(outage.upstream.calls) <= 1.1 * first
    assert outage.metrics.value(RETRY_BUDGET_TOKENS) < 14


def test_an_upstream_that_comes_and_goes_is_asked_less_and_less_often_until_it_stays() -> None:
    """Down 12 times in two minutes; open for at least 4, 8, 16, 32 and 48 seconds, six times are the most."""
    flapping = Minutes(200, down=lambda second: second < 120 and second % 10 >= 5)

    assert flapping.all_are_answered
    assert all(1 <= flapping.openings(feature) <= 6 for feature in Feature)
    assert not any(answer.degraded for answer in flapping.answers[-REQUESTS_PER_SECOND:])


@pytest.mark.parametrize("seconds", [1.5, 3.0])
def test_an_upstream_that_is_slow_but_well_is_left_alone_until_it_is_fast_again(seconds: float) -> None:
    slow = Minutes(60, latency=lambda second: seconds if second < 20 else 0.1)

    assert slow.all_are_answered
    assert all(slow.openings(feature) >= 1 for feature in Feature)
    reasons = {answer.degraded_reason for answer in slow.answers}
    assert {None, "breaker_open"} <= reasons <= {None, "breaker_open", "deadline_exceeded"}
    assert not any(answer.degraded for answer in slow.answers[-REQUESTS_PER_SECOND:])


QUOTA = 50
"""Documents a second: two calls of 25, for each feature."""

FEW: dict[str, Any] = {"comprehend_single_tps": 4, "comprehend_batch_tps": 2}


def test_at_four_times_the_quota_it_is_used_up_and_the_embedded_model_answers_the_rest_at_once() -> None:
    """For a minute nobody is refused, or waits for longer than those before take, and nothing is paid for in vain."""
    crowd = Minutes(60, rate=4 * QUOTA, features=SENTIMENT, **FEW)

    paid = sum(len(documents) for documents, _ in crowd.upstream.calls)
    assert crowd.all_are_answered
    assert {answer.degraded_reason for answer in crowd.answers} == {None, "overloaded"}
    assert crowd.answered_by("comprehend") == paid >= 0.97 * 60 * QUOTA
    before = places(Settings(**FEW), "comprehend") + 25  # the first calls are small, and take a turn as well
    assert max(crowd.waits) <= before / QUOTA
    assert statistics.median(crowd.waits) == 0


def test_at_four_times_what_both_analyzers_can_do_they_do_all_of_it_and_the_rest_hears_so_at_once() -> None:
    """Fault matrix, row 27: Comprehend and the embedded model do 50 documents a second each.

    Those let in wait for two turns; the first ones for three, while batches are not full yet.
    """
    seconds, capacity, turn_s = 12, 2 * QUOTA, 2 * 32 / QUOTA
    crowd = Minutes(seconds, rate=4 * capacity, features=SENTIMENT, embedded_s=turn_s, **FEW)

    assert len(crowd.answers) >= 0.95 * seconds * capacity
    assert not crowd.late + crowd.failures
    assert max(crowd.waits) <= 3 * turn_s
    assert set(crowd.refusals) == {0.0}
    assert len(crowd.refusals) > 0.7 * seconds * 4 * capacity
    assert (crowd.answers[-1].analyzer, round(crowd.waits[-1], 3)) == ("comprehend", 0.1)


def test_whom_comprehend_alone_lets_in_waits_for_less_than_one_call() -> None:
    """Of the default quota a slow Comprehend leaves three calls of 25 at a time."""
    call_s, seconds = 0.35, 6
    capacity = 3 * 25 / call_s
    crowd = Minutes(seconds, rate=round(4 * capacity), latency=lambda _: call_s, features=SENTIMENT, fallback="off")

    first = places(Settings(), "comprehend")  # before there was a queue, hence in batches of one
    assert len(crowd.answers) >= 0.95 * seconds * capacity
    assert max(crowd.waits[2 * first :]) <= 1.8 * call_s
    assert set(crowd.refusals) == {0.0}
    assert not crowd.late + crowd.failures
    assert round(crowd.waits[-1], 3) == call_s
