"""What a model's texts and answers were like when its figures were measured: ``reference.json`` in its folder."""

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

REFERENCE = "reference.json"

TEXTS = 2_000
"""Of a language, at the most: beside them what chance does to the latest documents is the larger part."""

TEXT_LENGTH = "text_length"
SENTIMENT = "sentiment"
CONFIDENCE = "confidence"
UNKNOWN = "unknown_pieces"
LANGUAGE = "language"

BINS = 10
"""Of a distribution of numbers, each with a tenth of the reference, unless many values are equal."""

_log = logging.getLogger(__name__)


class Distribution(Struct, frozen=True):
    """Of one number: ``edges`` are the upper bounds (inclusive) of all bins but the last, which has none.

    ``counts`` has how many documents of each language are in each bin.
    """

    edges: tuple[float, ...]
    counts: dict[str, tuple[int, ...]]

    def __post_init__(self) -> None:
        if any(len(counts) != len(self.edges) + 1 or not sum(counts) for counts in self.counts.values()):
            raise ValueError("a language has too few or too many bins, or no documents")


class Reference(Struct, frozen=True):
    """``languages`` counts the documents of each language, ``distributions`` are by name.

    ``text_length`` is in characters; ``sentiment`` is the place of the answered class among Comprehend's four, in their
    order; ``confidence`` its score, 0 to 1; ``unknown_pieces`` the share, 0 to 1, of a text's pieces that the tokenizer
    has not in its vocabulary, of each text as it is given to the model: a long one is several.
    """

    model_version: str
    languages: dict[str, int]
    distributions: dict[str, Distribution]
    format: int = 1

    def encode(self) -> bytes:
        """As JSON, of some kilobytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def read_reference(folder: Path) -> Reference | None:
    """A model folder's reference; None when it has none that can be read, which the log says."""
    path = folder / REFERENCE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Reference)
    except FileNotFoundError:
        _log.debug("The model has no %s: its drift is not measured.", path)
    except (OSError, msgspec.DecodeError) as error:
        _log.warning("The model's %s cannot be read, its drift is not measured: %s", path, error)
    return None


def distribution(values: Mapping[str, Sequence[float]], edges: Sequence[float] | None = None) -> Distribution:
    """The distribution of the values of each language; without ``edges`` they are the deciles of all values."""
    bounds = tuple(deciles([value for some in values.values() for value in some]) if edges is None else edges)
    return Distribution(bounds, {language: _counts(bounds, some) for language, some in values.items()})


def _counts(edges: Sequence[float], values: Sequence[float]) -> tuple[int, ...]:
    found = Counter(bisect_left(edges, value) for value in values)
    return tuple(found[place] for place in range(len(edges) + 1))


def deciles(values: Sequence[float]) -> list[float]:
    """The values below or at which lie 1, 2, ... 9 tenths of all; fewer where they are equal."""
    ordered = sorted(values)
    return sorted({ordered[(place * len(ordered) - 1) // BINS] for place in range(1, BINS)}) if ordered else []
