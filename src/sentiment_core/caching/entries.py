"""What a cache holds of an answer: labels, scores and places, never a word of the text; and the key it is under."""

from hashlib import sha256
from zlib import crc32

import msgspec
from msgspec import Struct

from sentiment_core.models import (
    Analysis,
    Document,
    Entity,
    EntityType,
    Feature,
    KeyPhrase,
    Sentiment,
    SentimentScore,
    SentimentType,
)

FORMAT = 1
"""Raised when the form of an entry changes: what an earlier release wrote is then not found."""

_CHECKSUM_BYTES = 4


class _Entry(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A feature that was not asked for is None; numbers are score, begin and end."""

    sentiment: tuple[SentimentType, float, float, float, float] | None
    entities: tuple[tuple[EntityType, float, int, int], ...] | None
    key_phrases: tuple[tuple[float, int, int], ...] | None


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Entry)


def cache_key(analyzer: str, model_version: str, features: frozenset[Feature], document: Document) -> bytes:
    """32 bytes that stand for who is asked, for what, and the text in its language."""
    parts = (FORMAT, analyzer, model_version, sorted(features), document.language, document.text)
    return sha256(_ENCODER.encode(parts)).digest()


def encode_entry(analysis: Analysis) -> bytes:
    """The answer's labels, scores and places, behind a checksum."""
    sentiment, entities, phrases = analysis.sentiment, analysis.entities, analysis.key_phrases
    entry = _Entry(
        None if sentiment is None else _flat(sentiment),
        None if entities is None else tuple((e.type, e.score, e.begin, e.end) for e in entities),
        None if phrases is None else tuple((p.score, p.begin, p.end) for p in phrases),
    )
    payload = _ENCODER.encode(entry)
    return crc32(payload).to_bytes(_CHECKSUM_BYTES) + payload


def _flat(sentiment: Sentiment) -> tuple[SentimentType, float, float, float, float]:
    scores = sentiment.scores
    return sentiment.sentiment, scores.positive, scores.negative, scores.neutral, scores.mixed


def decode_entry(value: bytes, document: Document, analyzer: str, model_version: str) -> Analysis:
    """The answer to the document again, without an id. Raises ValueError when ``value`` is no entry, or damaged."""
    payload = value[_CHECKSUM_BYTES:]
    if crc32(payload).to_bytes(_CHECKSUM_BYTES) != value[:_CHECKSUM_BYTES]:
        raise ValueError("The checksum is wrong.")
    entry = _DECODER.decode(payload)  # its DecodeError is a ValueError
    text, sentiment, entities, phrases = document.text, entry.sentiment, entry.entities, entry.key_phrases
    # Lists first, since generators take twice as long: this is most of what a hit costs.
    return Analysis(
        sentiment=None if sentiment is None else Sentiment(sentiment[0], SentimentScore(*sentiment[1:])),
        entities=None
        if entities is None
        else tuple([Entity(text[begin:end], kind, score, begin, end) for kind, score, begin, end in entities]),
        key_phrases=None
        if phrases is None
        else tuple([KeyPhrase(text[begin:end], score, begin, end) for score, begin, end in phrases]),
        model_version=model_version,
        analyzer=analyzer,
        language=document.language,
    )
