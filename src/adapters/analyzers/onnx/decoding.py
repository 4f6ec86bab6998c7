"""Scores of tags to spans of the text: the best legal sequence, found for a whole batch at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of a batch: which document, which type (its number), first and last piece, and a score of 0 to 1."""

    documents: Ints
    kinds: Ints
    first: Ints
    last: Ints
    scores: Floats


class TagDecoder:
    """Decodes tags that are O (0) and, for the n-th type, B (``2n + 1``) and I (``2n + 2``).

    Legal is an I only after a B or an I of its type, and, inside a word, only to stay as one was: no span begins or
    ends in the middle of a word.
    """

    def __init__(self, transitions: Floats) -> None:
        """``transitions[from, to]`` are added to the scores; those to the first piece come from row 0 (O)."""
        tags = np.arange(len(transitions))
        is_inner = (tags % 2 == 0) & (tags > 0)
        goes_on = is_inner & ((tags[:, None] == tags) | (tags[:, None] == tags - 1))
        legal = ~is_inner | goes_on
        within = goes_on | ((tags[:, None] == 0) & (tags == 0))
        self._between = np.where(legal, transitions, _NEVER).astype(np.float32)
        self._inside = np.where(within, transitions, _NEVER).astype(np.float32)

    def decode(self, logits: Floats, lengths: Ints, inside: Bools) -> Spans:
        """The spans of the best sequences.

        ``logits`` is (documents, pieces, tags), ``inside`` (documents, pieces): the piece continues a word.
        """
        scores = log_softmax(logits)
        tags = self._best(scores, lengths, inside)
        return _spans(tags, np.exp(scores))

    def _best(self, scores: Floats, lengths: Ints, inside: Bools) -> Ints:
        """Viterbi over all documents in step: the loop is over places in the text, not over documents."""
        documents, pieces, tags = scores.shape
        stay = np.broadcast_to(np.arange(tags), (documents, tags))
        back = np.empty((pieces, documents, tags), np.int64)
        total = scores[:, 0] + self._between[0]
        for piece in range(1, pieces):
            rules = np.where(inside[:, piece, None, None], self._inside, self._between)
            routes = total[:, :, None] + rules
            there = (piece < lengths)[:, None]
            back[piece] = np.where(there, routes.argmax(1), stay)
            total = np.where(there, routes.max(1) + scores[:, piece], total)
        return _trace(back, total.argmax(1), lengths)


def _trace(back: Ints, last: Ints, lengths: Ints) -> Ints:
    """Follow the best sequences from their ends; O beyond a document's length."""
    pieces, documents, _ = back.shape
    tags, rows = np.empty((documents, pieces), np.int64), np.arange(documents)
    tags[:, -1] = last
    for piece in range(pieces - 1, 0, -1):
        tags[:, piece - 1] = back[piece, rows, tags[:, piece]]
    return np.where(np.arange(pieces) < lengths[:, None], tags, 0)


def _spans(tags: Ints, probabilities: Floats) -> Spans:
    """Spans of legal sequences; a span's score is the mean probability of its type over its pieces."""
    pieces = tags.shape[1]
    flat = np.append(tags.ravel(), 0)
    begins = np.flatnonzero(flat % 2 == 1)
    outer = np.flatnonzero((flat % 2 == 1) | (flat == 0))
    ends = outer[np.searchsorted(outer, begins, side="right")]
    kinds = flat[begins] // 2
    table = probabilities.reshape(-1, probabilities.shape[2])
    sums = np.concatenate([np.zeros((1, (table.shape[1] - 1) // 2)), np.cumsum(table[:, 1::2] + table[:, 2::2], 0)])
    scores = (sums[ends, kinds] - sums[begins, kinds]) / (ends - begins)
    return Spans(
        begins // pieces, kinds, begins % pieces, (ends - 1) % pieces, np.clip(scores, 0, 1).astype(np.float32)
    )


def log_softmax(logits: Floats) -> Floats:
    """Logarithms of the probabilities over the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)


def count_transitions(sequences: Sequence[NDArray[np.integer]], tags: int, weight: float) -> Floats:
    """Scores of transitions from the tags of training texts: ``weight * log(P(to | from) / P(to))``, smoothed by one.

    Pieces without a known tag (negative) are left out.
    """
    counts = np.ones((tags, tags))
    for sequence in sequences:
        known = sequence[sequence >= 0]
        np.add.at(counts, (known[:-1], known[1:]), 1)
    given = counts / counts.sum(1, keepdims=True)
    overall = counts.sum(0) / counts.sum()
    return np.asarray(weight * np.log(given / overall), np.float32)
