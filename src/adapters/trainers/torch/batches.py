"""Which rows each step of a training sees: a function of the seed alone, so a resumed run sees the same."""

from collections.abc import Iterator

import numpy as np

from adapters.analyzers.onnx.features import Ints

_POOL = 4096
"""Rows that are sorted by length together: wide enough for little padding, narrow enough for mixed batches."""


def draw_epoch(languages: Ints, low: int, high: int, random: np.random.Generator) -> Ints:
    """Rows of one epoch in random order: each language gives at most ``high`` of its rows and at least ``low``.

    Rows of a language that has fewer than ``low`` come several times.
    """
    drawn = []
    for language in np.unique(languages):
        rows = random.permutation(np.flatnonzero(languages == language))
        wanted = min(max(len(rows), low), high)
        drawn.append(np.resize(rows, wanted))
    return random.permutation(np.concatenate(drawn))


def batches(lengths: Ints, languages: Ints, low: int, high: int, pieces: int, seed: int) -> Iterator[Ints]:
    """Rows of one batch after the other, without end, each at most ``pieces`` pieces with its padding."""
    epoch = 0
    while True:
        random = np.random.default_rng([seed, epoch])
        yield from _epoch_batches(lengths, draw_epoch(languages, low, high, random), pieces, random)
        epoch += 1


def _epoch_batches(lengths: Ints, rows: Ints, pieces: int, random: np.random.Generator) -> Iterator[Ints]:
    for pool in np.split(rows, range(_POOL, len(rows), _POOL)):
        ordered = pool[np.argsort(lengths[pool], kind="stable")]
        cuts, first = [], 0
        for place, length in enumerate(lengths[ordered].tolist()):
            if (place + 1 - first) * length > pieces and place > first:
                cuts.append(place)
                first = place
        groups = np.split(ordered, cuts)
        yield from (groups[place] for place in random.permutation(len(groups)))
