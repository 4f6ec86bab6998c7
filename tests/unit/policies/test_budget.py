import asyncio

from sentiment_core.errors import BudgetSpentError
from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BUDGET_REFUSALS
from sentiment_core.models import Analysis, Document, Options
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.testing import FakeAnalyzer, InMemorySpendStore, ManualClock, RecordingMetrics

DOCUMENTS = [Document("a"), Document("b")]


async def test_when_the_days_money_is_spent_nothing_is_asked_until_the_next_utc_day() -> None:
    metrics, clock, fake = RecordingMetrics(), ManualClock(), FakeAnalyzer()
    ledger = Ledger(InMemorySpendStore(), metrics=metrics, wall_clock=clock, sleep=asyncio.sleep, limit_usd=0.001)
    analyzer = BudgetAnalyzer(fake, ledger=ledger, metrics=metrics)
    ledger.charge(999)
    assert all(isinstance(outcome, Analysis) for outcome in await analyzer.analyze(DOCUMENTS, Options()))
    ledger.charge(1)

    outcomes = await analyzer.analyze(DOCUMENTS, Options())

    assert [type(outcome) for outcome in outcomes] == [BudgetSpentError] * 2
    assert metrics.value(BUDGET_REFUSALS) == 2
    assert len(fake.calls) == 1
    clock.advance(86_400)
    assert all(isinstance(outcome, Analysis) for outcome in await analyzer.analyze(DOCUMENTS, Options()))
