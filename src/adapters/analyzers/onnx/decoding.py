"""Scores of tags to spans of the text: the best legal sequence, found for a whole batch at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_NEVER = np.float32(-1e9)

_FREE, _WITHIN, _BEYOND = range(3)
"""The rules for a piece: any legal tag, one that goes on with a word, and O, since the text has ended."""
_RULES = 3


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of a batch: of which head, document and type (their numbers), first and last piece, and a score, 0 to 1."""

    heads: Ints
    documents: Ints
    kinds: Ints
    first: Ints
    last: Ints
    scores: Floats


class TagDecoder:
    """Decodes the tags of several heads at once: O (0) and, for the n-th type, B (``2n + 1``) and I (``2n + 2``).

    Legal is an I only after a B or an I of its type, and, inside a word, only to stay as one was: no span begins or
    ends in the middle of a word.
    """

    def __init__(self, *transitions: Floats) -> None:
        """Of each head ``transitions[from, to]`` are added to the scores; those to the first piece are of row 0 (O)."""
        self._tags = max(map(len, transitions))
        rules = np.concatenate([_rules(each, self._tags) for each in transitions])
        self._to = np.ascontiguousarray(rules.transpose(1, 0, 2))
        self._from = np.ascontiguousarray(rules.transpose(0, 2, 1)).reshape(-1, self._tags)

    def decode(self, logits: Sequence[Floats], lengths: Ints, inside: Sequence[Bools]) -> Spans:
        """The spans of the best sequences, those of the first head first.

        A head's ``logits`` are (documents, pieces, tags), its ``inside`` (documents, pieces): the piece goes on with a
        word. The heads' documents stand below one another in one search, whose time is that of its many small steps.
        """
        heads, (documents, pieces, _) = len(logits), logits[0].shape
        scores = np.full((heads, documents, pieces, self._tags), _NEVER)
        for widened, each in zip(scores, logits, strict=True):
            widened[..., : each.shape[2]] = each
        scores = log_softmax(scores.reshape(-1, pieces, self._tags))
        is_beyond = np.arange(pieces) >= lengths[:, None]
        rules = [head * _RULES + np.where(is_beyond, _BEYOND, each) for head, each in enumerate(inside)]
        tags = self._best(scores, np.concatenate(rules).T)
        return _spans(tags, np.exp(scores), documents)

    def _best(self, scores: Floats, rules: Ints) -> Ints:
        """Viterbi over all rows in step, ``rules`` being (pieces, rows): the loops are over places in the text.

        On the way up only the best totals are kept; the tag that one came from is looked up on the way back, for the
        one that was chosen. The maximum runs along the first axis, where numpy is fastest.
        """
        rows, pieces, tags = scores.shape
        totals = np.empty((pieces, rows, tags), np.float32)
        totals[0] = scores[:, 0] + self._to[0].take(rules[0], 0)
        before = totals.transpose(0, 2, 1)[..., None]
        routes = np.empty((tags, rows, tags), np.float32)
        for piece in range(1, pieces):
            self._to.take(rules[piece], 1, routes, "clip")  # which, unlike "raise", writes into it without a copy
            routes += before[piece - 1]
            total = np.maximum.reduce(routes, 0, out=totals[piece])
            total += scores[:, piece]
        return self._trace(totals, rules)

    def _trace(self, totals: Floats, rules: Ints) -> Ints:
        """Follow the best sequences from the ends, where beyond a text's length all that is left is O."""
        places, best = rules * self._tags, np.empty(rules.shape, np.int64)
        totals[-1].argmax(1, out=best[-1])
        for piece in range(len(totals) - 1, 0, -1):
            came = self._from.take(places[piece] + best[piece], 0)
            came += totals[piece - 1]
            came.argmax(1, out=best[piece - 1])
        return best.T


def _rules(transitions: Floats, tags: int) -> Floats:
    """Scores of the ways from tag to tag under each of the rules, of a head with fewer tags, (rules, tags, tags)."""
    own = np.arange(len(transitions))
    is_inner = (own % 2 == 0) & (own > 0)
    goes_on = is_inner & ((own[:, None] == own) | (own[:, None] == own - 1))
    legal = ~is_inner | goes_on
    within = goes_on | ((own[:, None] == 0) & (own == 0))
    rules = np.full((_RULES, tags, tags), _NEVER, np.float32)
    rules[_FREE, : len(own), : len(own)] = np.where(legal, transitions, _NEVER)
    rules[_WITHIN, : len(own), : len(own)] = np.where(within, transitions, _NEVER)
    rules[_BEYOND, : len(own), 0] = 0
    return rules


def _spans(tags: Ints, probabilities: Floats, documents: int) -> Spans:
    """Spans of legal sequences, a row for each of the documents of each head.

    A span's score is the mean probability of its type over its pieces.
    """
    pieces = tags.shape[1]
    flat = np.append(tags.ravel(), 0)
    begins = np.flatnonzero(flat % 2 == 1)
    outer = np.flatnonzero((flat % 2 == 1) | (flat == 0))
    ends = outer[np.searchsorted(outer, begins, side="right")]
    kinds = flat[begins] // 2
    table = probabilities.reshape(-1, probabilities.shape[2])
    each = table[:, 1::2] + table[:, 2::2]
    sums = np.concatenate([np.zeros((1, each.shape[1])), np.cumsum(each, 0, np.float64)])
    scores = (sums[ends, kinds] - sums[begins, kinds]) / (ends - begins)
    heads, places = np.divmod(begins // pieces, documents)
    first, last = begins % pieces, (ends - 1) % pieces
    return Spans(heads, places, kinds, first, last, np.clip(scores, 0, 1).astype(np.float32))


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
