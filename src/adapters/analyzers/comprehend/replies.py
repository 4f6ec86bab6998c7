"""Comprehend's replies, read and checked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder

from adapters.analyzers.comprehend.errors import error_of_code
from sentiment_core.errors import AnalysisError, InvalidReplyError
from sentiment_core.models import Entity, EntityType, KeyPhrase, Sentiment, SentimentScore, SentimentType

Part = Sentiment | tuple[Entity, ...] | tuple[KeyPhrase, ...]
"""What one operation says of one document."""

Reply = bytes | Raw
"""JSON, or what claims to be: a body, or an item of one."""

Read = Callable[[Reply, str], Part]
"""Reads the reply (or a batch reply's item) about a text. Raises InvalidReplyError, never anything else."""

Score = Annotated[float, Meta(ge=0, le=1)]
"""Never NaN: msgspec's bounds refuse it."""

T = TypeVar("T")
Item = TypeVar("Item", Entity, KeyPhrase)


class _SentimentReply(Struct, rename="pascal"):
    sentiment: SentimentType
    sentiment_score: SentimentScore


class _Span(Struct, rename="pascal", kw_only=True):
    score: Score
    begin_offset: Annotated[int, Meta(ge=0)]
    end_offset: int
    text: str | None = None


class _TypedSpan(_Span, rename="pascal", kw_only=True):
    type: EntityType


class _EntitiesReply(Struct, rename="pascal"):
    entities: list[_TypedSpan]


class _KeyPhrasesReply(Struct, rename="pascal"):
    key_phrases: list[_Span]


class _BatchReply(Struct, rename="pascal"):
    result_list: list[Raw]
    error_list: list[Raw]


class _Indexed(Struct, rename="pascal"):
    index: int


class _Failure(Struct, rename="pascal"):
    error_code: str


_SENTIMENT = Decoder(_SentimentReply)
_ENTITIES = Decoder(_EntitiesReply)
_KEY_PHRASES = Decoder(_KeyPhrasesReply)
_BATCH = Decoder(_BatchReply)
_INDEXED = Decoder(_Indexed)
_FAILURE = Decoder(_Failure)


def read_sentiment(reply: Reply, _: str) -> Sentiment:
    """Four probabilities that sum to 1 (within 0.01), and the label of the highest."""
    parsed = _parsed(reply, _SENTIMENT)
    scores = parsed.sentiment_score
    values = (scores.positive, scores.negative, scores.neutral, scores.mixed)
    chosen = getattr(scores, parsed.sentiment.lower())
    # NaN fails the sum, whatever min and max make of it.
    if not (min(values) >= 0 and chosen == max(values) <= 1 and abs(sum(values) - 1) <= 0.01):
        raise _broken("the sentiment's scores are not four probabilities, the highest of them its own")
    return Sentiment(parsed.sentiment, scores)


def read_entities(reply: Reply, text: str) -> tuple[Entity, ...]:
    """Entities in order, without overlaps."""
    spans = _parsed(reply, _ENTITIES).entities
    return _apart(
        Entity(_text_at(span, text), span.type, span.score, span.begin_offset, span.end_offset) for span in spans
    )


def read_key_phrases(reply: Reply, text: str) -> tuple[KeyPhrase, ...]:
    """Key phrases in order, without overlaps."""
    spans = _parsed(reply, _KEY_PHRASES).key_phrases
    return _apart(KeyPhrase(_text_at(span, text), span.score, span.begin_offset, span.end_offset) for span in spans)


def read_batch(reply: Reply, texts: Sequence[str], read: Read, operation: str) -> list[Part | AnalysisError]:
    """One part, or failure, for each text. A text that the reply leaves out or answers twice is a failure."""
    parsed = _parsed(reply, _BATCH)
    answers: defaultdict[int | None, list[Callable[[str], Part]]] = defaultdict(list)
    for item in parsed.result_list:
        answers[_index(item)].append(partial(read, item))
    for item in parsed.error_list:
        answers[_index(item)].append(partial(_fail, item, operation))
    return [_only(answers[index], text) for index, text in enumerate(texts)]


def _index(item: Raw) -> int | None:
    try:
        return _parsed(item, _INDEXED).index
    except InvalidReplyError:
        return None


def _only(answers: Sequence[Callable[[str], Part]], text: str) -> Part | AnalysisError:
    if len(answers) != 1:
        return _broken(f"it answers the document {len(answers)} times")
    try:
        return answers[0](text)
    except AnalysisError as error:
        return error


def _fail(item: Raw, operation: str, _: str) -> Part:
    raise error_of_code(_parsed(item, _FAILURE).error_code, operation)


def _parsed(reply: Reply, decoder: Decoder[T]) -> T:
    try:
        return decoder.decode(reply)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _broken(str(error)) from error


def _text_at(span: _Span, text: str) -> str:
    if not span.begin_offset < span.end_offset <= len(text):
        raise _broken("an item's offsets are not within the text")
    found = text[span.begin_offset : span.end_offset]
    if span.text not in (None, found):
        raise _broken("an item is not the text at its offsets")
    return found


def _apart(items: Iterable[Item]) -> tuple[Item, ...]:
    """In order; of two that overlap, the one with the higher score (of equals the first)."""
    kept: list[Item] = []
    for item in sorted(items, key=attrgetter("begin")):
        if not kept or item.begin >= kept[-1].end:
            kept.append(item)
        elif item.score > kept[-1].score:
            kept[-1] = item
    return tuple(kept)


def _broken(reason: str) -> InvalidReplyError:
    return InvalidReplyError(f"Amazon Comprehend's reply is broken: {reason}; try again.")
