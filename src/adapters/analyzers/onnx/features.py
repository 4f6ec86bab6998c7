"""Texts to numbers, the same for training and for serving, so that the two cannot differ.

All functions work on a whole batch: numpy and the tokenizer's own threads do the loops over
tokens, Python only those over documents.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint32]
_SPREAD, _STIR, _SETTLE = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], np.uint32)
_HALF, _HALF_LESS_ONE = np.array([16, 15], np.uint32)

WIDE_PIECES = 256
"""Pieces of a text that the wide branch reads."""
WIDE_CHARS = 256
"""Characters of a text that the wide branch reads."""

OTHER, LOWER, UPPER, DIGIT, MARK, LETTER, HAN, HIRAGANA, KATAKANA, HANGUL, SPACE = range(11)
"""Classes of characters; MARK is punctuation and symbols, LETTER a letter of a script without case."""

_SPACED = np.isin(np.arange(11), (LOWER, UPPER, DIGIT, LETTER))
"""Whether a class is letters or digits of a script that puts spaces between words."""
_POSITIONS = np.select([np.arange(11) == SPACE, np.arange(11) == MARK], [0, 1], 2)
"""Of a piece that stands after a character of the class: at a word's beginning, after a mark, or in the word."""

FORMS = 13
SHAPES = 1 + 3 * FORMS
"""Number of shape codes: 0 is padding, then three positions in the word by thirteen forms."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Pieces of a batch of documents, flat: document ``d`` owns ``lengths[d]`` of them.

    ``begins`` and ``ends`` are code points into the document's own text; ``inside`` is true for
    a piece that continues a word of a script written with spaces.
    """

    ids: Ints
    shapes: Ints
    begins: Ints
    ends: Ints
    inside: NDArray[np.bool_]
    lengths: Ints


@lru_cache(maxsize=1)
def character_classes() -> NDArray[np.uint8]:
    """Class of every code point, shape ``(0x110000,)``; built once, in some 20 ms.

    Outside the basic plane only Han is told apart: the rest there is emoji and rare scripts.
    """
    classes = np.full(0x110000, OTHER, np.uint8)
    by_category = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "N": DIGIT, "P": MARK, "S": MARK, "L": LETTER, "M": LETTER}
    for point in range(0x10000):
        category = unicodedata.category(chr(point))
        classes[point] = by_category.get(category, by_category.get(category[0], OTHER))
    for first, last, kind in (
        (0x2E80, 0x2FDF, HAN),
        (0x3005, 0x3007, HAN),
        (0x3400, 0x9FFF, HAN),
        (0xF900, 0xFAFF, HAN),
        (0x20000, 0x3FFFF, HAN),
        (0x3041, 0x309F, HIRAGANA),
        (0x30A1, 0x30FA, KATAKANA),
        (0x30FC, 0x30FF, KATAKANA),
        (0xFF66, 0xFF9D, KATAKANA),
        (0x1100, 0x11FF, HANGUL),
        (0xAC00, 0xD7AF, HANGUL),
    ):
        classes[first : last + 1] = kind
    classes[[point for point in range(0x10000) if chr(point).isspace()]] = SPACE
    return classes


def code_points(texts: Sequence[str]) -> Ints:
    """The code points of all texts, one after the other."""
    return np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> Encoded:
    """Cut the texts into pieces and describe each one."""
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    lengths = np.fromiter(map(len, encodings), np.int64, len(encodings))
    count = int(lengths.sum())
    ids = np.fromiter(chain.from_iterable(each.ids for each in encodings), np.int64, count)
    edges = chain.from_iterable(chain.from_iterable(each.offsets for each in encodings))
    offsets = np.fromiter(edges, np.int64, 2 * count).reshape(count, 2)
    starts = np.cumsum([0, *map(len, texts)])[:-1].repeat(lengths)
    shapes, inside = describe(code_points(texts), starts, offsets + starts[:, None])
    return Encoded(ids, shapes, offsets[:, 0], offsets[:, 1], inside, lengths)


def describe(points: Ints, starts: Ints, offsets: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Shape code and inside-a-word flag of each piece, from the text as it was written.

    ``points`` are the code points of the batch, ``starts`` where each piece's document begins in
    them, ``offsets`` the pieces' edges in them.
    """
    if not len(offsets):
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    classes = character_classes()[points]
    begins, ends = offsets.T
    first = classes[begins].astype(np.int64)
    before = np.where(begins > starts, classes[begins - 1], SPACE)
    upper = np.concatenate([[0], np.cumsum(classes == UPPER)])
    uppers = upper[ends] - upper[begins]
    forms = first.copy()
    forms[(first == UPPER) & (uppers > 1) & (uppers == ends - begins)] = 11
    forms[(first == LOWER) & (uppers > 0)] = 12
    return 1 + _POSITIONS[before] * FORMS + forms, _SPACED[before] & _SPACED[first]


def pad(flat: NDArray[np.generic], lengths: Ints, width: int) -> Ints:
    """Lay flat values out as ``(..., documents, width)``, zero where a document is shorter; longer ones are cut.

    The values of all documents are one after another along the last axis of ``flat``.
    """
    columns = np.arange(width)
    begins = np.cumsum(lengths) - lengths
    held = columns < lengths[:, None]
    padded = np.zeros((*flat.shape[:-1], *held.shape), np.int64)
    padded[..., held] = flat[..., (begins[:, None] + columns)[held]]
    return padded


def characters(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Code points of the folded texts, shape ``(documents, at most WIDE_CHARS)``, and how many each has.

    Folded: NFKC, lower case, one space for any run of white space, a space at both ends.
    """
    folded = [f" {' '.join(unicodedata.normalize('NFKC', text).lower().split())} "[:WIDE_CHARS] for text in texts]
    lengths = np.fromiter(map(len, folded), np.int64, len(folded))
    return pad(code_points(folded), lengths, int(lengths.max(initial=1))), lengths


def piece_buckets(ids: Ints, lengths: Ints, languages: Ints, size: int) -> Ints:
    """Hash piece 1-, 2- and 3-grams and piece with language, shape ``(documents, 4 * pieces)``.

    ``ids`` is padded, ``size`` (a power of two) the rows of the table; ``size`` itself stands for "none".
    """
    ids, lengths = ids[:, :WIDE_PIECES], np.minimum(lengths, WIDE_PIECES)
    of_language = _mix(ids.astype(np.uint32), languages.astype(np.uint32)[:, None] + np.uint32(101))
    return _buckets([*_grams(ids, 3), of_language], (1, 2, 3, 1), lengths, size)


def char_buckets(chars: Ints, lengths: Ints, size: int) -> Ints:
    """Hash character 2- to 5-grams, shape ``(documents, 4 * characters)``; as for ``piece_buckets``."""
    return _buckets(_grams(chars, 5)[1:], (2, 3, 4, 5), lengths, size)


def _grams(symbols: Ints, longest: int) -> list[Hashes]:
    """Hashes of the n-grams that begin at each column, for n from 1 to ``longest``."""
    documents, columns = symbols.shape
    following = np.zeros((documents, columns + longest - 1), np.uint32)
    following[:, :columns] = symbols
    hashes = [_mix(np.zeros_like(following[:, :columns]), following[:, :columns])]
    for order in range(1, longest):
        hashes.append(_mix(hashes[-1], following[:, order : order + columns]))
    return hashes


def _mix(state: Hashes, symbol: Hashes) -> Hashes:
    """One step of a 32-bit multiplicative hash (constants of MurmurHash3's finaliser), wrapping round."""
    mixed = (state ^ (symbol * _SPREAD)) * _STIR
    return np.asarray(mixed ^ (mixed >> _HALF_LESS_ONE), np.uint32)


def _buckets(grams: Sequence[Hashes], orders: Sequence[int], lengths: Ints, size: int) -> Ints:
    """Rows of the table for the n-grams that lie wholly inside their text, ``size`` for the others.

    ``grams`` are (documents, columns) for each of the orders n, which stand side by side in what is returned.
    """
    hashes = np.stack(grams, 1)
    hashes *= _SETTLE
    hashes ^= hashes >> _HALF
    hashes &= np.uint32(size - 1)
    whole = np.arange(hashes.shape[2]) <= (lengths[:, None] - orders)[:, :, None]
    return np.where(whole, hashes, size).astype(np.int64).reshape(len(hashes), -1)
