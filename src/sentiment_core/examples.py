"""Labelled texts, for training and evaluation."""

from msgspec import Struct

from sentiment_core.models import EntityType, SentimentType


class DatasetError(Exception):
    """A file of the data is missing or broken; the message says which."""


class SentimentExample(Struct, frozen=True):
    """``source`` names where the text comes from; ``licence`` is that source's class (data/README.md)."""

    text: str
    sentiment: SentimentType
    source: str
    licence: str


class EntitySpan(Struct, frozen=True):
    """An annotated entity: code points, end exclusive."""

    begin: int
    end: int
    type: EntityType


class EntityExample(Struct, frozen=True):
    """``covers`` are the types that the source annotates: of any other type nothing is known, not even its absence."""

    text: str
    entities: tuple[EntitySpan, ...]
    covers: frozenset[EntityType]
    source: str
    licence: str


class KeyPhraseExample(Struct, frozen=True):
    """``key_phrases`` are (begin, end) in code points, end exclusive."""

    text: str
    key_phrases: tuple[tuple[int, int], ...]
    source: str
    licence: str
