"""The paired bootstrap: what a difference between two analyzers might have been on other texts of the same kind.

Texts are drawn with replacement, as many as there are, and both analyzers are scored on those drawn: Efron, Tibshirani,
"An Introduction to the Bootstrap" (1993), chapters 13 and 16; for such figures Koehn, "Statistical Significance Tests
for Machine Translation Evaluation" (EMNLP 2004). Holm, "A Simple Sequentially Rejective Multiple Test Procedure"
(Scandinavian Journal of Statistics, 1979) corrects for the number of differences that are looked at.
"""

import struct
from collections.abc import Hashable, Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar

from msgspec import Struct

RESAMPLES = 2_000
"""The least p-value is 1 / 2,001, below 5 % / 2 / 36: three figures in each of twelve languages can be told apart."""

COVERAGE = 0.95
"""Of the intervals."""

_TIE = 1e-12
"""Differences as near as that are equal: they are of whole numbers of texts."""

Counts = tuple[int, ...]
"""(annotated, predicted, exact) of each class, one class after the other: what adds up over texts."""

Key = TypeVar("Key", bound=Hashable)


class Difference(Struct, frozen=True):
    """By how much the second analyzer's figure is above the first's, with its 95 % interval.

    ``p_value``, one-sided: how probable a figure as low as the second's is if it is no worse than the first.
    """

    value: float
    low: float
    high: float
    p_value: float


def mean_f1(counts: Counts) -> float:
    """Mean of the classes' F1, 2 TP / (2 TP + FP + FN), over those that occur; 1 when none does."""
    classes = zip(counts[::3], counts[1::3], counts[2::3], strict=True)
    scores = [2 * exact / (gold + predicted) for gold, predicted, exact in classes if gold + predicted]
    return sum(scores) / len(scores) if scores else 1.0


def f1_differences(
    first: Sequence[Counts], second: Sequence[Counts], random: Random, resamples: int = RESAMPLES
) -> list[float]:
    """``mean_f1`` of the second less that of the first: over all texts, and then over each resample of them.

    Both have the same texts, at least one, in the same order.
    """
    pairs = [one + other for one, other in zip(first, second, strict=True)]
    return [_difference(total) for total in _totals(pairs, random, resamples)]


def summarize(differences: Sequence[float]) -> Difference:
    """The first is of all texts, the others are of resamples.

    The interval is between percentiles (Efron and Tibshirani, 13.3). The p-value is the share of resamples that fall
    as far below the difference as it lies below 0 (16.4: the resamples, moved so that there is no difference). Where
    the texts that tell the two apart are few, it is nearer to that of a sign test than the share above 0 is.
    """
    value, *resampled = differences
    ordered = sorted(resampled)
    tail = round(len(ordered) * (1 - COVERAGE) / 2)
    as_low = sum(each <= 2 * value + _TIE for each in resampled)
    return Difference(value, ordered[tail], ordered[-1 - tail], (1 + as_low) / (1 + len(ordered)))


def holm(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """The p-values, raised so that with ``p <= alpha`` as the test, one false alarm among all has probability alpha.

    The k-th lowest of m is multiplied by m - k + 1 (k from 1), and is never below the one before it.
    """
    adjusted: dict[Key, float] = {}
    least = 0.0
    for place, key in enumerate(sorted(p_values, key=p_values.__getitem__)):
        least = max(least, min(1.0, p_values[key] * (len(p_values) - place)))
        adjusted[key] = least
    return adjusted


def _difference(total: Counts) -> float:
    half = len(total) // 2
    return mean_f1(total[half:]) - mean_f1(total[:half])


def _totals(texts: Sequence[Counts], random: Random, resamples: int) -> Iterator[Counts]:
    """The sums of all texts, and those of each resample.

    A text's counts are packed into one integer, so that a resample is one sum.
    """
    layout = struct.Struct(f"<{len(texts[0])}I")
    packed = [int.from_bytes(layout.pack(*counts), "little") for counts in texts]
    yield layout.unpack(sum(packed).to_bytes(layout.size, "little"))
    for _ in range(resamples):
        yield layout.unpack(sum(random.choices(packed, k=len(packed))).to_bytes(layout.size, "little"))
