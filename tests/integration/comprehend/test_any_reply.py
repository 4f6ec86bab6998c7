"""Whatever JSON takes the place of a part of a reply, the outcome is a right Analysis or an AnalysisError."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.errors import AnalysisError
from sentiment_core.models import Analysis, Document, Entity, KeyPhrase, Options
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import edited

DOCUMENTS = [Document("Great Köln 2024", "de"), Document("Awful Ann"), Document("Great Bob")]

LEAVES = st.none() | st.booleans() | st.integers(-2, 20) | st.floats() | st.sampled_from(["POSITIVE", "DATE", "\ud800"])
KEYS = st.sampled_from(["Sentiment", "SentimentScore", "Positive", "Entities", "Index", "Text", "BeginOffset"])
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


def test_whatever_a_part_of_a_reply_is_an_outcome_is_right_or_an_error(comprehend: ComprehendStandIn) -> None:
    @given(st.integers(0, 60), JSON)
    @settings(max_examples=150, deadline=None)
    def every(place: int, value: object) -> None:
        comprehend.fail_always(edited(_replacing(place, value)))
        outcomes = runner.run(analyzer.analyze(DOCUMENTS, Options()))
        assert all(_is_in_order(*pair) for pair in zip(DOCUMENTS, outcomes, strict=True)), outcomes

    with asyncio.Runner() as runner:
        analyzer = ComprehendAnalyzer(comprehend_client(), metrics=RecordingMetrics())
        try:
            every()
        finally:
            runner.run(analyzer.aclose())


def _replacing(place: int, value: object) -> Callable[[dict[str, Any]], None]:
    def edit(body: dict[str, Any]) -> None:
        places = list(_places(body))
        container, key = places[place % len(places)]
        container[key] = value

    return edit


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each (container, key) within ``value``, the outermost first."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _is_in_order(document: Document, outcome: Analysis | AnalysisError) -> bool:
    if not isinstance(outcome, Analysis):
        return isinstance(outcome, AnalysisError)
    items: list[Entity | KeyPhrase] = [*(outcome.entities or ()), *(outcome.key_phrases or ())]
    return all(item.text == document.text[item.begin : item.end] != "" and 0 <= item.score <= 1 for item in items)
