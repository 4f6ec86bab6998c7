"""Retries are a loan on successes: in an outage they stop by themselves."""

from collections.abc import Sequence

from sentiment_core.errors import AnalyzerError, ThrottledError
from sentiment_core.metric_names import RETRY_BUDGET_TOKENS
from sentiment_core.ports import Metrics


class RetryBudget:
    """Tokens that retries of every operation spend and calls that went well earn.

    The figures are botocore's since 1.44 (``retries/quota.py``): 35 retries after failures, or 100 after throttling,
    without a success between them, then none.
    """

    TOKENS = 500
    COST = 14
    THROTTLING_COST = 5
    EARNED = 1

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.tokens = self.TOKENS
        self._show()

    def spend(self, failures: Sequence[AnalyzerError]) -> bool:
        """Whether the call that had these failures may be made again; if so it is paid for."""
        throttled = all(isinstance(failure, ThrottledError) for failure in failures)
        cost = self.THROTTLING_COST if throttled else self.COST
        if cost > self.tokens:
            return False
        self.tokens -= cost
        self._show()
        return True

    def earn(self) -> None:
        """A call went well."""
        if self.tokens < self.TOKENS:
            self.tokens += self.EARNED
            self._show()

    def _show(self) -> None:
        self._metrics.set(RETRY_BUDGET_TOKENS, self.tokens)
