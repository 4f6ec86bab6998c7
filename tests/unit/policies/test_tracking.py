import asyncio

from sentiment_core.errors import ThrottledError
from sentiment_core.models import Document, Options
from sentiment_core.policies.tracking import TrackingAnalyzer
from sentiment_core.testing import FakeAnalyzer, ManualClock
from sentiment_core.tracking import TrackingWindow


def test_a_call_is_added_to_the_window_with_the_time_it_took() -> None:
    clock, window = ManualClock(), TrackingWindow()

    async def two_seconds() -> None:
        clock.advance(2.0)

    fake = FakeAnalyzer({"refused": ThrottledError("Over the quota.")}, before=two_seconds)
    analyzer = TrackingAnalyzer(fake, window, clock)
    outcomes = asyncio.run(analyzer.analyze([Document("fine"), Document("refused")], Options()))
    figures = window.take()

    assert outcomes == asyncio.run(fake.analyze([Document("fine"), Document("refused")], Options()))
    assert (figures["requests"], figures["documents"], figures["failures/throttled"]) == (1, 2, 1)
    assert 2.0 <= figures["latency_seconds/p50"] < 2.1


def test_its_repr_nests() -> None:
    analyzer = TrackingAnalyzer(FakeAnalyzer(), TrackingWindow(), ManualClock())

    assert repr(analyzer) == "TrackingAnalyzer(FakeAnalyzer())"
