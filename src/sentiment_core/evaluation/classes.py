"""How well classes are told apart, and how far their scores can be believed."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

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


class CalibrationBin(Struct, frozen=True):
    """Answers whose confidences lie close together: their number, mean confidence and share that is right, 0 to 1."""

    texts: int
    confidence: float
    right: float


def calibration_bins(
    confidences: Sequence[float], right: Sequence[bool], bins: int = BINS
) -> tuple[CalibrationBin, ...]:
    """The answers in bins of equal width over 0 to 1; bins without answers are left out."""
    return merged_bins([CalibrationBin(1, *answer) for answer in zip(confidences, right, strict=True)], bins)


def merged_bins(parts: Iterable[CalibrationBin], bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """Those that lie in one bin made into one."""
    members: defaultdict[int, list[CalibrationBin]] = defaultdict(list)
    for part in parts:
        members[min(int(part.confidence * bins), bins - 1)].append(part)
    return tuple(_together(members[number]) for number in sorted(members))


def _together(parts: Sequence[CalibrationBin]) -> CalibrationBin:
    texts = sum(part.texts for part in parts)
    confidence, right = (
        sum(part.texts * share for part, share in zip(parts, shares, strict=True)) / texts
        for shares in ([part.confidence for part in parts], [part.right for part in parts])
    )
    return CalibrationBin(texts, confidence, right)


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Expected calibration error, 0 to 1: by how much the confidence differs from the share that is right.

    ECE = sum over the bins B of |B| / n * |accuracy(B) - mean confidence(B)|. Guo, Pleiss, Sun, Weinberger, "On
    Calibration of Modern Neural Networks" (ICML 2017), equation 3. 0 without answers.
    """
    texts = sum(each.texts for each in bins)
    return sum(each.texts * abs(each.right - each.confidence) for each in bins) / texts if texts else 0.0


def likeliest_of_three(scores: SentimentScore) -> SentimentType:
    """The likeliest class with MIXED left aside, of equals the first in Comprehend's order."""
    ranked = {
        SentimentType.POSITIVE: scores.positive,
        SentimentType.NEGATIVE: scores.negative,
        SentimentType.NEUTRAL: scores.neutral,
    }
    return max(ranked, key=ranked.__getitem__)
