"""Pairs of analyzers whose true quality is known: what a comparison says of them can be held against it."""

from collections.abc import Mapping
from random import Random

from sentiment_core.evaluation.texts import Judgement, TextResults
from sentiment_core.models import SentimentType

CLASSES = (SentimentType.POSITIVE, SentimentType.NEGATIVE, SentimentType.NEUTRAL)
LANGUAGES = ("en", "fr", "de", "es", "it", "ja")
RIGHT = 0.7
"""Share of the texts that the champion is right about."""
ALIKE = 0.5
"""Share of the texts that both answer alike, whatever they are right about."""


def two_analyzers(
    random: Random, texts: int, losses: Mapping[str, float]
) -> tuple[dict[str, TextResults], dict[str, TextResults]]:
    """Results of the champion, and of a challenger that is right about ``losses`` less of a language's texts."""
    pairs = {language: _pairs(random, texts, losses.get(language, 0.0)) for language in LANGUAGES}
    first, second = ({language: TextResults(each[n], (), ()) for language, each in pairs.items()} for n in (0, 1))
    return first, second


def _pairs(random: Random, texts: int, loss: float) -> tuple[list[Judgement], list[Judgement]]:
    first: list[Judgement] = []
    second: list[Judgement] = []
    for _ in range(texts):
        label = random.choice(CLASSES)
        answer = _answer(random, label, RIGHT)
        alike = random.random() < ALIKE
        first.append((label, answer))
        second.append((label, answer if alike else _answer(random, label, RIGHT - loss / (1 - ALIKE))))
    return first, second


def _answer(random: Random, label: SentimentType, right: float) -> SentimentType:
    others = [each for each in CLASSES if each != label]
    return label if random.random() < right else random.choice(others)
