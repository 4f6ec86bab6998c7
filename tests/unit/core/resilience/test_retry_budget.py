from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import AnalyzerError, AnalyzerUnavailableError, ThrottledError
from sentiment_core.metric_names import RETRY_BUDGET_TOKENS
from sentiment_core.resilience import RetryBudget
from sentiment_core.testing import RecordingMetrics

DOWN = AnalyzerUnavailableError("It is down.")
THROTTLED = ThrottledError("Slow down.")


def granted(failure: AnalyzerError) -> int:
    budget = RetryBudget(RecordingMetrics())
    return sum(budget.spend([failure]) for _ in range(1_000))


def test_without_a_success_there_are_35_retries_after_failures_or_100_after_throttling() -> None:
    assert (granted(DOWN), granted(THROTTLED)) == (35, 100)


def test_a_call_of_both_costs_what_the_dearer_does() -> None:
    budget = RetryBudget(RecordingMetrics())

    budget.spend([THROTTLED, DOWN])

    assert budget.tokens == RetryBudget.TOKENS - RetryBudget.COST


@given(st.lists(st.sampled_from([DOWN, THROTTLED, None]), max_size=400))
def test_it_is_never_overdrawn_nor_more_than_full_and_its_gauge_is_right(
    happenings: list[AnalyzerError | None],
) -> None:
    metrics = RecordingMetrics()
    budget = RetryBudget(metrics)
    for failure in happenings:
        if failure is None:
            budget.earn()
        else:
            budget.spend([failure])
        assert 0 <= budget.tokens <= RetryBudget.TOKENS
        assert metrics.value(RETRY_BUDGET_TOKENS) == budget.tokens
