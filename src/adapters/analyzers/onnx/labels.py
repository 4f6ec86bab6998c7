"""What the labels of other people's models mean in Comprehend's terms."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import EntityType, SentimentType


def _folded(label: str) -> str:
    return " ".join(label.replace("_", " ").lower().split())


_SENTIMENTS = {
    "positive": SentimentType.POSITIVE,
    "pos": SentimentType.POSITIVE,
    "very positive": SentimentType.POSITIVE,
    "4 stars": SentimentType.POSITIVE,
    "5 stars": SentimentType.POSITIVE,
    "negative": SentimentType.NEGATIVE,
    "neg": SentimentType.NEGATIVE,
    "very negative": SentimentType.NEGATIVE,
    "1 star": SentimentType.NEGATIVE,
    "2 stars": SentimentType.NEGATIVE,
    "neutral": SentimentType.NEUTRAL,
    "neu": SentimentType.NEUTRAL,
    "3 stars": SentimentType.NEUTRAL,
    "mixed": SentimentType.MIXED,
}

_ENTITIES = {
    **{_folded(kind): kind for kind in EntityType},
    "per": EntityType.PERSON,
    "loc": EntityType.LOCATION,
    "gpe": EntityType.LOCATION,
    "org": EntityType.ORGANIZATION,
    "organisation": EntityType.ORGANIZATION,
    "misc": EntityType.OTHER,
}

_is_tag = re.compile(r"([BI])-(.+)").fullmatch


class Tag(NamedTuple):
    """A type of entity, and whether it ``begins`` one (B) or goes on with one (I)."""

    kind: EntityType
    begins: bool


def sentiment_labels(id2label: Mapping[int, str]) -> list[SentimentType]:
    """The class of each label, by its number; several labels may be of one class, whose scores are then added up.

    Raises AnalyzerUnavailableError, naming the label, when nothing tells what one means.
    """
    found = []
    for label in _in_order(id2label):
        kind = _SENTIMENTS.get(_folded(label))
        if kind is None:
            raise _unknown(label, f"{', '.join(SentimentType)}, or 1 star to 5 stars")
        found.append(kind)
    if missing := {SentimentType.POSITIVE, SentimentType.NEGATIVE} - set(found):
        raise AnalyzerUnavailableError(f"The model's config.json has no label that means {' or '.join(missing)}.")
    return found


def tag_labels(id2label: Mapping[int, str]) -> list[Tag | None]:
    """The tag of each label, by its number; None is for what is no entity (O).

    Raises AnalyzerUnavailableError, naming the label, when nothing tells what one means.
    """
    found = [_tag(label) for label in _in_order(id2label)]
    if None not in found:
        raise AnalyzerUnavailableError("The model's config.json has no label O, for what is no entity.")
    return found


def _tag(label: str) -> Tag | None:
    if label == "O":
        return None
    match = _is_tag(label)
    kind = _ENTITIES.get(_folded(match[2])) if match else None
    if match is None or kind is None:
        raise _unknown(label, f"O, or B- and I- before one of {', '.join(EntityType)}")
    return Tag(kind, begins=match[1] == "B")


def _in_order(id2label: Mapping[int, str]) -> list[str]:
    if sorted(id2label) != list(range(len(id2label))):
        raise AnalyzerUnavailableError("The labels in the model's config.json (id2label) are not numbered 0, 1, 2, ...")
    return [id2label[number] for number in range(len(id2label))]


def _unknown(label: str, known: str) -> AnalyzerUnavailableError:
    return AnalyzerUnavailableError(
        f"Nothing tells what the model's label {label!r} means. In its config.json, under id2label, write in its place"
        f" what it stands for: {known}. Then register the model again."
    )
