"""Calls keep within the upstream's quota."""

from collections.abc import Sequence

from sentiment_core.errors import AnalyzerError, DeadlineExceededError, OverQuotaError, ThrottledError
from sentiment_core.metric_names import QUOTA_RATE, QUOTA_WAIT_SECONDS
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock, Metrics, Sleep
from sentiment_core.resilience import Pacer, RecentTimes


class QuotaAnalyzer(AnalyzerDecorator):
    """Holds each call back until its turn; ``inner`` makes one call of what it is handed.

    Comprehend counts calls of one document and calls of several apart, so they have a Pacer each: a lone document
    never waits for batches. A call whose turn would come too late for its deadline, given what the upstream takes
    lately (``times``, which the ObservingAnalyzer inside is told), is not sent and takes nobody's turn: under a load
    beyond the quota every turn is the last possible one, and else nearly all would be paid for in vain. Both rates are
    for this process: the account's, divided by the replicas (20 and 10 calls a second are the defaults).
    """

    def __init__(
        self,
        inner: Analyzer,
        operation: str,
        *,
        single: Pacer,
        batch: Pacer,
        times: RecentTimes,
        metrics: Metrics,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        super().__init__(inner)
        self._operation = operation
        self._single = single
        self._batch = batch
        self._times = times
        self._metrics = metrics
        self._clock = clock
        self._sleep = sleep
        self._show_rates()

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        pacer, kind = (self._single, "single") if len(documents) == 1 else (self._batch, "batch")
        turn = pacer.reserve(options.deadline, self._times.p95)
        now = self._clock()
        if turn is None:
            return [_refusal(late=options.deadline <= now)] * len(documents)
        wait = turn - now
        self._metrics.observe(QUOTA_WAIT_SECONDS, wait, self._operation, kind)
        if wait > 0:
            await self._sleep(wait)
        outcomes = await self.inner.analyze(documents, options)
        if any(isinstance(outcome, ThrottledError) for outcome in outcomes):
            pacer.throttled(turn)
        self._show_rates()
        return outcomes

    def _show_rates(self) -> None:
        self._metrics.set(QUOTA_RATE, self._single.rate, self._operation, "single")
        self._metrics.set(QUOTA_RATE, self._batch.rate, self._operation, "batch")


def _refusal(*, late: bool) -> AnalyzerError:
    if late:
        return DeadlineExceededError("The deadline passed before the analyzer was asked: allow it more time.")
    return OverQuotaError("The analyzer's quota has no room before the deadline: allow more time.")
