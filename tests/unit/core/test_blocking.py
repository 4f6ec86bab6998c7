import asyncio
import threading

import pytest

from sentiment_core import AnalysisError, BlockingAnalyzer, Document, SentimentType, ThrottledError
from sentiment_core.testing import FakeAnalyzer, fake_analysis


def test_a_text_is_answered_without_an_event_loop() -> None:
    with BlockingAnalyzer(FakeAnalyzer({"Great!": fake_analysis(SentimentType.POSITIVE)})) as analyzer:
        analysis = analyzer.analyze_text("Great!")

    assert analysis.sentiment is not None
    assert analysis.sentiment.sentiment == SentimentType.POSITIVE


async def test_it_works_where_an_event_loop_runs_already_as_in_a_notebook() -> None:
    with BlockingAnalyzer(FakeAnalyzer()) as analyzer:
        assert analyzer.analyze_text("text").language == "en"


def test_a_failure_is_raised_for_a_text_and_returned_among_documents() -> None:
    with BlockingAnalyzer(FakeAnalyzer({"no": ThrottledError("Slow down.")})) as analyzer:
        with pytest.raises(ThrottledError, match="Slow down"):
            analyzer.analyze_text("no")
        good, bad = analyzer.analyze([Document("yes"), Document("no")])

    assert not isinstance(good, AnalysisError)
    assert isinstance(bad, ThrottledError)


def test_threads_share_one() -> None:
    """Calls of several threads are under way at once, so they can be coalesced."""
    together = threading.Barrier(4)

    async def before() -> None:
        await asyncio.to_thread(together.wait, 10)

    with BlockingAnalyzer(FakeAnalyzer(before=before)) as analyzer:
        threads = [threading.Thread(target=analyzer.analyze_text, args=("text",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert not together.broken


def test_closing_closes_the_analyzer_and_its_thread_and_twice_does_no_harm() -> None:
    fake, others = FakeAnalyzer(), set(threading.enumerate())  # another test's analyzer may be open
    analyzer = BlockingAnalyzer(fake)
    [own] = [each for each in threading.enumerate() if each.name == "blocking-analyzer" and each not in others]
    analyzer.close()
    analyzer.close()

    assert fake.closed
    assert not own.is_alive()
