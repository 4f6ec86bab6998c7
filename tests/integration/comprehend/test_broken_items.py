"""A batch in which something is broken: the documents concerned fail, their neighbours are answered."""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer
from sentiment_core.errors import AnalyzerUnavailableError, InvalidReplyError
from sentiment_core.models import Analysis, Document, Feature, Options
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import edited, item_failed

SENTIMENT = Options(frozenset({Feature.SENTIMENT}))
FIRST, SECOND = Document("Great"), Document("Awful")


def _set(*path: str | int) -> Callable[[object], Callable[[dict[str, Any]], None]]:
    def to(value: object) -> Callable[[dict[str, Any]], None]:
        def edit(body: Any) -> None:
            for step in path[:-1]:
                body = body[step]
            body[path[-1]] = value

        return edit

    return to


EDITS: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "NaN": ("BatchDetectSentiment", _set("ResultList", 0, "SentimentScore", "Positive")("NaN")),
    "score of 7": ("BatchDetectSentiment", _set("ResultList", 0, "SentimentScore", "Positive")(7)),
    "label": ("BatchDetectSentiment", _set("ResultList", 0, "Sentiment")("HAPPY")),
    "wrong type": ("BatchDetectSentiment", _set("ResultList", 0, "Sentiment")(["POSITIVE"])),
    "offset past the end": ("BatchDetectEntities", _set("ResultList", 0, "Entities", 0, "EndOffset")(99)),
    "offset of another text": ("BatchDetectEntities", _set("ResultList", 0, "Entities", 0, "BeginOffset")(1)),
    "entity type": ("BatchDetectEntities", _set("ResultList", 0, "Entities", 0, "Type")("CITY")),
    "missing part": ("BatchDetectKeyPhrases", lambda body: body["ResultList"][0].pop("KeyPhrases")),
    "missing Index": ("BatchDetectKeyPhrases", lambda body: body["ResultList"][0].pop("Index")),
    "missing item": ("BatchDetectKeyPhrases", lambda body: body["ResultList"].pop(0)),
    "repeated item": ("BatchDetectSentiment", lambda body: body["ResultList"].append(body["ResultList"][0])),
}


@pytest.mark.parametrize(("operation", "edit"), EDITS.values(), ids=EDITS)
async def test_one_broken_item_is_one_broken_document(
    comprehend: ComprehendStandIn,
    analyzer: ComprehendAnalyzer,
    operation: str,
    edit: Callable[[dict[str, Any]], object],
) -> None:
    comprehend.fail(edited(edit), operation=operation)

    outcomes = await analyzer.analyze([FIRST, SECOND, FIRST], Options())

    assert {type(outcome) for outcome in outcomes[1:]} == {Analysis}, outcomes
    assert isinstance(outcomes[0], InvalidReplyError)


async def test_a_batch_in_another_order_is_put_right(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    expected = await analyzer.analyze([FIRST, SECOND], SENTIMENT)
    comprehend.fail(edited(lambda body: body["ResultList"].reverse()))

    assert await analyzer.analyze([FIRST, SECOND], SENTIMENT) == expected


async def test_an_item_among_the_errors_fails_alone_whichever_feature_it_is(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.fail(item_failed(1, "InternalServerException"), operation="BatchDetectKeyPhrases")

    outcomes = await analyzer.analyze([FIRST, SECOND, FIRST], Options())

    assert [type(outcome) for outcome in outcomes] == [Analysis, AnalyzerUnavailableError, Analysis]
