import pytest

from sentiment_core.errors import AnalyzerUnavailableError, DeadlineExceededError, InvalidReplyError, ThrottledError
from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BILLED_UNITS, ESTIMATED_DOLLARS
from sentiment_core.models import Document, Options
from sentiment_core.policies.cost import CostAnalyzer, billed_units, estimated_dollars
from sentiment_core.testing import FakeAnalyzer, InMemorySpendStore, ManualClock, RecordingMetrics


@pytest.mark.parametrize(
    ("characters", "units"), [(1, 3), (299, 3), (300, 3), (301, 4), (400, 4), (401, 5), (100_000, 1_000)]
)
def test_a_unit_is_100_characters_begun_and_there_are_at_least_3(characters: int, units: int) -> None:
    assert billed_units("😀" * characters) == units


def test_an_estimate_adds_up_the_units_of_all_texts() -> None:
    """3 + 4 units at $0.0001."""
    assert estimated_dollars(["short", "x" * 301]) == pytest.approx(0.0007)


async def test_what_is_answered_is_paid_for_and_so_is_a_broken_reply() -> None:
    metrics, store = RecordingMetrics(), InMemorySpendStore()
    ledger = Ledger(store, metrics=metrics, wall_clock=ManualClock(), sleep=ManualClock)  # type: ignore[arg-type]
    script = {
        "broken": InvalidReplyError("It makes no sense."),
        "throttled": ThrottledError("Slow down."),
        "down": AnalyzerUnavailableError("It is down."),
        "cut": DeadlineExceededError("It took too long."),
    }
    analyzer = CostAnalyzer(FakeAnalyzer(script), "sentiment", ledger=ledger, metrics=metrics)

    await analyzer.analyze([Document(text) for text in ("short", "x" * 1_000, *script)], Options())
    await ledger.stop()

    assert metrics.value(BILLED_UNITS, "sentiment") == 3 + 10 + 3
    assert metrics.value(ESTIMATED_DOLLARS, "sentiment") == pytest.approx(0.0016)
    assert store.sums == {"1970-01-01": 1_600}
