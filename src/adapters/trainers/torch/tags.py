"""Spans to tags of pieces: B and I of each type, O for the rest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.analyzers.onnx.features import Encoded, Ints
from sentiment_core.examples import EntityExample
from sentiment_core.models import EntityType

ENTITY_TAGS = ("O", *(f"{edge}-{kind}" for kind in EntityType for edge in "BI"))
"""O is 0; the n-th type's B is ``2n + 1`` and its I ``2n + 2``."""
PHRASE_TAGS = ("O", "B", "I")
IGNORED = -1
"""Tag of a piece that lies across the edge of a span: it cannot be right, so it teaches nothing."""

_TYPES = {kind: number for number, kind in enumerate(EntityType)}

Spans = Sequence[tuple[int, int, int]]
"""Begin and end in code points, and the number of the type (0 for phrases)."""


def entity_spans(example: EntityExample) -> Spans:
    """The spans of an example's entities."""
    return [(each.begin, each.end, _TYPES[each.type]) for each in example.entities]


def piece_tags(encoded: Encoded, texts: Sequence[str], spans: Sequence[Spans]) -> NDArray[np.int8]:
    """The tag of each piece of the batch; spans of one text do not overlap."""
    starts = np.cumsum([0, *map(len, texts)])
    owner, kinds = _owners(starts, spans)
    offset = starts[:-1].repeat(encoded.lengths)
    first, last = owner[offset + encoded.begins], owner[offset + encoded.ends - 1]
    document = np.arange(len(texts)).repeat(encoded.lengths)
    goes_on = np.zeros(len(first), np.bool_)
    goes_on[1:] = (first[1:] == first[:-1]) & (document[1:] == document[:-1])
    tags = np.where(first == 0, 0, 2 * kinds[first] + 1 + goes_on)
    return np.where(first == last, tags, IGNORED).astype(np.int8)


def _owners(starts: Ints, spans: Sequence[Spans]) -> tuple[Ints, Ints]:
    """Number of the span, from 1, that owns each code point of the batch (0: none), and each span's type."""
    owner, kinds = np.zeros(int(starts[-1]) + 1, np.int64), [0]
    for start, of_text in zip(starts, spans, strict=False):
        for begin, end, kind in of_text:
            owner[start + begin : start + end] = len(kinds)
            kinds.append(kind)
    return owner, np.array(kinds)


def covered_tags(covers: Sequence[frozenset[EntityType]]) -> NDArray[np.bool_]:
    """For each row, the tags that an O may stand for: O itself, and those of every type its source leaves out.

    Shape ``(rows, tags)``.
    """
    allowed = np.ones((len(covers), len(ENTITY_TAGS)), np.bool_)
    for row, types in enumerate(covers):
        for kind in types:
            allowed[row, 2 * _TYPES[kind] + 1 : 2 * _TYPES[kind] + 3] = False
    return allowed
