"""When the day's money is spent, nothing more is paid for."""

from collections.abc import Sequence

from sentiment_core.errors import BudgetSpentError
from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BUDGET_REFUSALS
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Metrics


class BudgetAnalyzer(AnalyzerDecorator):
    """Fails documents while ``ledger`` says that the day's budget is spent. Outermost of what the fallback calls its
    primary: then the secondary answers them, and says why.

    What is under way when the money runs out is still paid for.
    """

    def __init__(self, inner: Analyzer, *, ledger: Ledger, metrics: Metrics) -> None:
        super().__init__(inner)
        self._ledger = ledger
        self._metrics = metrics

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if not self._ledger.spent:
            return await self.inner.analyze(documents, options)
        self._metrics.add(BUDGET_REFUSALS, len(documents))
        refusal = BudgetSpentError("The day's budget is spent: send it after midnight UTC, or have the budget raised.")
        return [refusal] * len(documents)
