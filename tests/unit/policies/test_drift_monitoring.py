"""What the window of drift is told."""

import math

from sentiment_core.drift import DriftWindow
from sentiment_core.drift.window import LATEST, LEAST
from sentiment_core.errors import ThrottledError
from sentiment_core.metric_names import POPULATION_STABILITY_INDEX
from sentiment_core.models import Document, Options
from sentiment_core.policies.drift_monitoring import DriftMonitoringAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics
from tests.unit.core.drift.world import World

REFERENCE = World(0).reference(1_000)


def watched(fake: FakeAnalyzer) -> tuple[DriftMonitoringAnalyzer, RecordingMetrics]:
    metrics = RecordingMetrics()
    return DriftMonitoringAnalyzer(fake, DriftWindow(REFERENCE, metrics)), metrics


async def test_every_document_answered_counts_and_none_that_failed() -> None:
    fake = FakeAnalyzer({"refused": ThrottledError("Full.")})
    analyzer, metrics = watched(fake)
    documents = [Document("Fine.")] * (LEAST - 1) + [Document("refused")]

    outcomes = await analyzer.analyze(documents, Options())
    assert outcomes == await fake.analyze(documents, Options())
    assert math.isnan(metrics.value(POPULATION_STABILITY_INDEX, "text_length"))

    await analyzer.analyze([Document("Fine.")], Options())
    assert metrics.value(POPULATION_STABILITY_INDEX, "text_length") > 1


async def test_closing_takes_back_what_was_shown() -> None:
    fake = FakeAnalyzer()
    analyzer, metrics = watched(fake)
    await analyzer.analyze([Document("Fine.")] * LATEST, Options())
    await analyzer.aclose()

    assert fake.closed
    assert math.isnan(metrics.value(POPULATION_STABILITY_INDEX, "text_length"))
