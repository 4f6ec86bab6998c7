"""Nobody waits past a deadline, and nothing is paid for that nobody waits for."""

import asyncio
import threading
import time

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer
from sentiment_core.errors import AnalyzerUnavailableError, DeadlineExceededError
from sentiment_core.models import Analysis, Document, Feature, Options
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import dripping, failed, hanging, held, slow

SENTIMENT = frozenset({Feature.SENTIMENT})


def _soon(seconds: float, features: frozenset[Feature] = SENTIMENT) -> Options:
    return Options(features, time.monotonic() + seconds)


async def test_at_the_deadline_the_caller_has_its_outcomes_though_the_call_hangs(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.fail(hanging(), operation="DetectEntities")
    documents = [Document("Great", "de"), Document("Great"), Document("Great")]

    late, *answered = await analyzer.analyze(documents, _soon(2.0, frozenset(Feature)))

    assert isinstance(late, DeadlineExceededError)
    assert all(isinstance(outcome, Analysis) for outcome in answered)


async def test_a_call_that_has_not_begun_by_its_deadline_is_never_made(
    comprehend: ComprehendStandIn, one_thread: ComprehendAnalyzer
) -> None:
    gate = threading.Event()
    comprehend.fail(held(gate))
    first = asyncio.create_task(one_thread.analyze([Document("first")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)

    [outcome] = await one_thread.analyze([Document("second")], _soon(0.05))
    gate.set()
    await first
    await one_thread.analyze([Document("third")], Options(SENTIMENT))

    assert isinstance(outcome, DeadlineExceededError)
    assert [call.texts for call in comprehend.calls] == [("first",), ("third",)]


async def test_nothing_is_called_for_a_caller_that_has_gone_away_before_its_turn(
    comprehend: ComprehendStandIn, one_thread: ComprehendAnalyzer
) -> None:
    gate = threading.Event()
    comprehend.fail(held(gate))
    first = asyncio.create_task(one_thread.analyze([Document("first")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)
    gone = asyncio.create_task(one_thread.analyze([Document("gone")], Options(SENTIMENT)))
    await asyncio.sleep(0)

    gone.cancel()
    gate.set()
    await asyncio.gather(first, gone, return_exceptions=True)
    await one_thread.analyze([Document("third")], Options(SENTIMENT))

    assert gone.cancelled()
    assert [call.texts for call in comprehend.calls] == [("first",), ("third",)]


async def test_asking_one_by_one_ends_at_the_deadline(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.fail_always(slow(0.2))
    comprehend.fail(failed("TextSizeLimitExceededException"))

    outcomes = await analyzer.analyze([Document("Great")] * 25, _soon(0.3))
    made = len(comprehend.calls)
    await asyncio.sleep(0.5)

    assert {type(outcome) for outcome in outcomes} == {DeadlineExceededError}
    assert len(comprehend.calls) <= made + 1 < 10


async def test_a_dripping_reply_is_given_up_at_the_deadline(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    """botocore's read timeout is for each read, and would wait for the last byte."""
    comprehend.fail(dripping(0.02))
    start = time.monotonic()

    [outcome] = await analyzer.analyze([Document("Great")], _soon(0.3))

    assert isinstance(outcome, DeadlineExceededError)
    assert time.monotonic() - start < 2


async def test_it_is_not_ready_while_every_thread_waits(
    comprehend: ComprehendStandIn, one_thread: ComprehendAnalyzer
) -> None:
    gate = threading.Event()
    comprehend.fail(held(gate))
    first = asyncio.create_task(one_thread.analyze([Document("first")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)

    with pytest.raises(AnalyzerUnavailableError, match="every thread waits"):
        await one_thread.ready()
    gate.set()
    await first
    await one_thread.ready()
