"""How far two answers to one document agree."""

from collections.abc import Hashable

from msgspec import Struct

from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.models import Analysis


class Agreement(Struct, frozen=True):
    """Of two answers to one document. A feature that was not asked for is None.

    ``confidence_difference`` is between the scores that each gives the sentiment of its own choice, 0 to 1. The counts
    take the first answer's spans for gold and the second's for predicted; their F1 is the same the other way round.
    """

    same_sentiment: bool | None
    confidence_difference: float | None
    entities: SpanCounts | None
    key_phrases: SpanCounts | None


def agreement_of(first: Analysis, second: Analysis) -> Agreement:
    """An entity is the same with the same begin, end and type, a key phrase with the same begin and end."""
    one, other = first.sentiment, second.sentiment
    return Agreement(
        one.sentiment == other.sentiment if one and other else None,
        abs(one.confidence - other.confidence) if one and other else None,
        _overlap(_entities(first), _entities(second)),
        _overlap(_key_phrases(first), _key_phrases(second)),
    )


def _entities(analysis: Analysis) -> set[Hashable] | None:
    return None if analysis.entities is None else {(each.begin, each.end, each.type) for each in analysis.entities}


def _key_phrases(analysis: Analysis) -> set[Hashable] | None:
    return None if analysis.key_phrases is None else {(each.begin, each.end) for each in analysis.key_phrases}


def _overlap(gold: set[Hashable] | None, predicted: set[Hashable] | None) -> SpanCounts | None:
    if gold is None or predicted is None:
        return None
    return SpanCounts(1, len(gold), len(predicted), len(gold & predicted))
