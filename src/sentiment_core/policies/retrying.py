"""A second attempt, where one may help and comes in time."""

from collections.abc import Sequence
from typing import TypeGuard

from sentiment_core.errors import (
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    InvalidReplyError,
    OverQuotaError,
    ThrottledError,
)
from sentiment_core.metric_names import RETRY_COUNT
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator, analyze_rest
from sentiment_core.ports import Analyzer, Clock, Metrics, Random, Sleep
from sentiment_core.resilience import Circuit, RecentTimes, RetryBudget, State

DELAY_S = 0.05
THROTTLING_DELAY_S = 1.0
"""The longest delay before the second attempt, in seconds: botocore's since 1.44 (``retries/standard.py``)."""


class RetryingAnalyzer(AnalyzerDecorator):
    """Asks once more, in one call, for the documents whose failure may pass: throttled, unavailable, a broken reply.

    The delay is evenly distributed up to its longest ("full jitter"). There is no second attempt unless the deadline
    leaves time for the delay and the upstream's recent 95th percentile, the circuit is closed, and ``budget``, which
    all operations share, pays for it; nor when the credentials were refused. It is the only layer that retries.
    """

    def __init__(
        self,
        inner: Analyzer,
        operation: str,
        *,
        budget: RetryBudget,
        circuit: Circuit,
        times: RecentTimes,
        metrics: Metrics,
        clock: Clock,
        sleep: Sleep,
        random: Random,
    ) -> None:
        super().__init__(inner)
        self._operation = operation
        self._budget = budget
        self._circuit = circuit
        self._times = times
        self._metrics = metrics
        self._clock = clock
        self._sleep = sleep
        self._random = random

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        delay = self._delay(outcomes, options.deadline)
        if delay is not None:
            await self._sleep(delay)
            outcomes = await self._again(documents, outcomes, options)
        if not any(isinstance(outcome, AnalyzerError) for outcome in outcomes):
            self._budget.earn()
        return outcomes

    def _delay(self, outcomes: Sequence[Outcome], deadline: float) -> float | None:
        """Seconds until the second attempt, which is paid for then; None if there is to be none."""
        failures = [outcome for outcome in outcomes if _may_pass(outcome)]
        if not failures or not self._may_call(outcomes):
            return None
        throttled = any(isinstance(failure, ThrottledError) for failure in failures)
        delay = self._random() * (THROTTLING_DELAY_S if throttled else DELAY_S)
        in_time = self._clock() + delay + self._times.p95 <= deadline
        return delay if in_time and self._budget.spend(failures) else None

    async def _again(self, documents: Sequence[Document], outcomes: list[Outcome], options: Options) -> list[Outcome]:
        if not self._may_call(outcomes):  # the circuit may have opened meanwhile
            return outcomes
        self._metrics.add(RETRY_COUNT, 1, self._operation)
        prepared = [
            document if _may_pass(outcome) else outcome for document, outcome in zip(documents, outcomes, strict=True)
        ]
        return await analyze_rest(self.inner, prepared, options)

    def _may_call(self, outcomes: Sequence[Outcome]) -> bool:
        refused = any(isinstance(outcome, CredentialsError) for outcome in outcomes)
        return not refused and self._circuit.state is State.CLOSED


def _may_pass(outcome: Outcome) -> TypeGuard[AnalyzerError]:
    """Whether asking again may help. A call that the quota had no room for would find none again."""
    passing = isinstance(outcome, ThrottledError | AnalyzerUnavailableError | InvalidReplyError)
    return passing and not isinstance(outcome, OverQuotaError)
