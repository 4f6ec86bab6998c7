"""Nobody waits past a deadline, and nothing is paid for that nobody waits for."""

import asyncio
import threading
import time

from adapters.analyzers.comprehend import ComprehendAnalyzer
from sentiment_core.errors import DeadlineExceededError
from sentiment_core.models import Analysis, Document, Feature, Options
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import dripping, hanging, held

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
    comprehend: ComprehendStandIn, one_connection: ComprehendAnalyzer
) -> None:
    gate = threading.Event()
    comprehend.fail(held(gate))
    first = asyncio.create_task(one_connection.analyze([Document("first")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)

    [outcome] = await one_connection.analyze([Document("second")], _soon(0.05))
    gate.set()
    await first
    await one_connection.analyze([Document("third")], Options(SENTIMENT))

    assert isinstance(outcome, DeadlineExceededError)
    assert [call.texts for call in comprehend.calls] == [("first",), ("third",)]


async def test_nothing_is_called_for_a_caller_that_has_gone_away_before_its_turn(
    comprehend: ComprehendStandIn, one_connection: ComprehendAnalyzer
) -> None:
    gate = threading.Event()
    comprehend.fail(held(gate))
    first = asyncio.create_task(one_connection.analyze([Document("first")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)
    gone = asyncio.create_task(one_connection.analyze([Document("gone")], Options(SENTIMENT)))
    await asyncio.sleep(0)

    gone.cancel()
    gate.set()
    await asyncio.gather(first, gone, return_exceptions=True)
    await one_connection.analyze([Document("third")], Options(SENTIMENT))

    assert gone.cancelled()
    assert [call.texts for call in comprehend.calls] == [("first",), ("third",)]


async def test_a_dripping_reply_is_given_up_at_the_deadline(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    """The client's read timeout is for each read, and would wait for the last byte."""
    comprehend.fail(dripping(0.02))
    start = time.monotonic()

    [outcome] = await analyzer.analyze([Document("Great")], _soon(0.3))

    assert isinstance(outcome, DeadlineExceededError)
    assert time.monotonic() - start < 2


async def test_a_call_that_is_cancelled_is_over_and_frees_its_connection(
    comprehend: ComprehendStandIn, one_connection: ComprehendAnalyzer
) -> None:
    comprehend.fail(hanging())
    gone = asyncio.create_task(one_connection.analyze([Document("gone")], Options(SENTIMENT)))
    await asyncio.to_thread(comprehend.wait_for_calls, 1)

    gone.cancel()
    await asyncio.wait([gone])
    [outcome] = await one_connection.analyze([Document("next")], Options(SENTIMENT))

    assert isinstance(outcome, Analysis)
    assert [call.texts for call in comprehend.calls] == [("gone",), ("next",)]


async def test_a_call_whose_deadline_has_passed_is_never_made(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    await analyzer.analyze([Document("opens the connection")], Options(SENTIMENT))

    [outcome] = await analyzer.analyze([Document("late")], _soon(-0.001))

    assert isinstance(outcome, DeadlineExceededError)
    assert len(comprehend.calls) == 1
