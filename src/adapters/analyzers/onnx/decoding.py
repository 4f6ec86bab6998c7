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
        rules = np.stack([np.where(legal, transitions, _NEVER), np.where(within, transitions, _NEVER)])
        self._to = np.ascontiguousarray(rules.transpose(1, 0, 2), np.float32)
        self._from = np.ascontiguousarray(rules.transpose(0, 2, 1), np.float32).reshape(-1, len(tags))

    def decode(self, logits: Floats, lengths: Ints, inside: Bools) -> Spans:
        """The spans of the best sequences.

        ``logits`` is (documents, pieces, tags), ``inside`` (documents, pieces): the piece continues a word.
        """
        scores = log_softmax(logits)
        tags = self._best(scores, lengths, inside)
        return _spans(tags, np.exp(scores))

    def _best(self, scores: Floats, lengths: Ints, inside: Bools) -> Ints:
        """Viterbi over all documents in step: the loops are over places in the text, not over documents.

        On the way up only the best totals are kept; the tag that one came from is looked up on the way back, for the
        one that was chosen. The maximum runs along the first axis, where numpy is fastest.
        """
        documents, pieces, tags = scores.shape
        within = np.ascontiguousarray(inside.T, np.intp)
        totals = np.empty((pieces, documents, tags), np.float32)
        totals[0] = scores[:, 0] + self._to[0, 0]
        for piece in range(1, pieces):
            routes = self._to.take(within[piece], 1)
            routes += totals[piece - 1].T[:, :, None]
            np.maximum.reduce(routes, 0, out=totals[piece])
            totals[piece] += scores[:, piece]
        return self._trace(totals, lengths, within)

    def _trace(self, totals: Floats, lengths: Ints, within: Ints) -> Ints:
        """Follow the best sequences from the documents' ends; O beyond a document's length."""
        pieces, documents, tags = totals.shape
        last = lengths - 1
        chosen = totals[last, np.arange(documents)].argmax(1)
        best = np.empty((pieces, documents), np.int64)
        best[-1] = chosen
        ended, rules = np.arange(pieces)[:, None] > last, within * tags
        for piece in range(pieces - 1, 0, -1):
            came = self._from.take(rules[piece] + chosen, 0)
            came += totals[piece - 1]
            chosen = np.where(ended[piece], chosen, came.argmax(1))
            best[piece - 1] = chosen
        return np.where(ended, 0, best).T


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
