"""How well classes are told apart, and how far their scores can be believed."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

from sentiment_core.models import SentimentScore, SentimentType

Label = TypeVar("Label", bound=Hashable)

BINS = 15
"""As many as in Guo et al. (2017)."""


def accuracy(gold: Sequence[Hashable], predicted: Sequence[Hashable | None]) -> float:
    """Share of the texts, 0 to 1, whose label is right. None is an answer that failed, and so is wrong."""
    return sum(label == answer for label, answer in zip(gold, predicted, strict=True)) / len(gold)


def class_f1(gold: Sequence[Label], predicted: Sequence[Label | None]) -> dict[Label, float]:
    """F1 of each class that is the label or the answer of a text: 2 TP / (2 TP + FP + FN), 0 to 1."""
    right = Counter(label for label, answer in zip(gold, predicted, strict=True) if label == answer)
    occurrences = Counter(gold) + Counter(answer for answer in predicted if answer is not None)
    return {label: 2 * right[label] / times for label, times in occurrences.items()}


def macro_f1(gold: Sequence[Label], predicted: Sequence[Label | None]) -> float:
    """Mean of the classes' F1, each class counting alike however rare it is."""
    scores = class_f1(gold, predicted)
    return sum(scores.values()) / len(scores)


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """Expected calibration error, 0 to 1: by how much the confidence differs from the share that is right.

    ECE = sum over the bins B of |B| / n * |accuracy(B) - mean confidence(B)|, the bins being of equal width over 0 to
    1. Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), equation 3.
    """
    gaps = [0.0] * bins
    for confidence, hit in zip(confidences, right, strict=True):
        gaps[min(int(confidence * bins), bins - 1)] += hit - confidence
    return sum(map(abs, gaps)) / len(confidences)


def likeliest_of_three(scores: SentimentScore) -> SentimentType:
    """The likeliest class with MIXED left aside, of equals the first in Comprehend's order."""
    ranked = {
        SentimentType.POSITIVE: scores.positive,
        SentimentType.NEGATIVE: scores.negative,
        SentimentType.NEUTRAL: scores.neutral,
    }
    return max(ranked, key=ranked.__getitem__)
