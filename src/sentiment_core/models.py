"""What goes in and what comes out, in Comprehend's terms. These Structs are what goes over the wire."""

import math
from enum import StrEnum

from msgspec import Struct

from sentiment_core.errors import AnalysisError

MAX_TEXT_BYTES = 100_000
"""Bytes in UTF-8 that one text may have (Comprehend's own limit for the longest of its operations)."""

AUTO = "auto"
"""In place of a language code: find the language of the text."""


class Feature(StrEnum):
    """One of the three analyses."""

    SENTIMENT = "sentiment"
    ENTITIES = "entities"
    KEY_PHRASES = "key_phrases"


ALL_FEATURES = frozenset(Feature)


class SentimentType(StrEnum):
    """Comprehend's four classes."""

    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    NEUTRAL = "NEUTRAL"
    MIXED = "MIXED"


class EntityType(StrEnum):
    """Comprehend's nine types."""

    PERSON = "PERSON"
    LOCATION = "LOCATION"
    ORGANIZATION = "ORGANIZATION"
    COMMERCIAL_ITEM = "COMMERCIAL_ITEM"
    EVENT = "EVENT"
    DATE = "DATE"
    QUANTITY = "QUANTITY"
    TITLE = "TITLE"
    OTHER = "OTHER"


class Document(Struct, frozen=True):
    """A text and its language: a code of :data:`sentiment_core.languages.LANGUAGES`, or ``auto`` at the door."""

    text: str
    language: str = "en"


class Options(Struct, frozen=True):
    """What travels beside the documents.

    ``deadline`` is an absolute instant of the service's one monotonic clock, in seconds; infinity is none.
    """

    features: frozenset[Feature] = ALL_FEATURES
    deadline: float = math.inf


class SentimentScore(Struct, frozen=True, rename="pascal"):
    """Probability of each class, 0 to 1, summing to 1."""

    positive: float
    negative: float
    neutral: float
    mixed: float


class Sentiment(Struct, frozen=True):
    """The class with the highest score, and all four scores."""

    sentiment: SentimentType
    scores: SentimentScore

    @property
    def confidence(self) -> float:
        """The score of the class, 0 to 1."""
        scores = self.scores
        return max(scores.positive, scores.negative, scores.neutral, scores.mixed)


class Entity(Struct, frozen=True):
    """``text`` is the document's ``[begin:end]``, in code points; ``score`` is 0 to 1."""

    text: str
    type: EntityType
    score: float
    begin: int
    end: int


class KeyPhrase(Struct, frozen=True):
    """``text`` is the document's ``[begin:end]``, in code points; ``score`` is 0 to 1."""

    text: str
    score: float
    begin: int
    end: int


class Analysis(Struct, frozen=True):
    """One document's answer. A feature that was not asked for is None.

    ``analyzer`` and ``model_version`` name who answered; ``degraded`` says that it was not the one that was wanted,
    and ``degraded_reason`` is then the code of the error that kept it away.
    """

    sentiment: Sentiment | None
    entities: tuple[Entity, ...] | None
    key_phrases: tuple[KeyPhrase, ...] | None
    model_version: str
    analyzer: str
    language: str
    id: str = ""
    degraded: bool = False
    degraded_reason: str | None = None


Outcome = Analysis | AnalysisError
"""What becomes of one document."""


def answer_or_raise(outcome: Outcome) -> Analysis:
    """The answer; raises the error that the document failed with."""
    if isinstance(outcome, Analysis):
        return outcome
    try:
        raise outcome
    finally:
        del outcome  # it holds this frame: left here, both would stay until a garbage collection


def top_sentiment(scores: SentimentScore) -> Sentiment:
    """The sentiment whose score is highest; of equals the first in Comprehend's order."""
    ranked = {
        SentimentType.POSITIVE: scores.positive,
        SentimentType.NEGATIVE: scores.negative,
        SentimentType.NEUTRAL: scores.neutral,
        SentimentType.MIXED: scores.mixed,
    }
    return Sentiment(max(ranked, key=ranked.__getitem__), scores)
