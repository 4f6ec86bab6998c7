"""From the examples of a task and the answers to them, in order, to figures. An answer that failed is None."""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import astuple

from sentiment_core.errors import UnsupportedLanguageError
from sentiment_core.evaluation.classes import (
    CalibrationBin,
    accuracy,
    calibration_bins,
    calibration_error,
    class_f1,
    macro_f1,
)
from sentiment_core.evaluation.figures import DetectionFigures, SentimentFigures
from sentiment_core.evaluation.spans import SpanCounts, count_entities, total
from sentiment_core.evaluation.texts import counted_key_phrases, judged_sentiment
from sentiment_core.examples import EntityExample, KeyPhraseExample, SentimentExample
from sentiment_core.models import Analysis, EntityType, Sentiment, SentimentType
from sentiment_core.ports import LanguageDetector

MIN_DETECTION_CHARACTERS = 20
"""Shorter texts are often in several languages at once ("Okay!"), so that finding theirs is no merit."""


def score_sentiment(
    examples: Sequence[SentimentExample], answers: Sequence[Analysis | None]
) -> SentimentFigures | None:
    """None without examples, or when MIXED is the only class among them."""
    three = judged_sentiment(examples, answers)
    if not three:
        return None
    labels, likeliest = zip(*three, strict=True)
    sentiments = [answer.sentiment if answer else None for answer in answers]
    gold = [example.sentiment for example in examples]
    served = [sentiment.sentiment if sentiment else None for sentiment in sentiments]
    bins = _calibration_bins(gold, sentiments)
    return SentimentFigures(
        texts=len(examples),
        macro_f1=macro_f1(labels, likeliest),
        class_f1=class_f1(labels, likeliest),
        accuracy=accuracy(gold, served),
        calibration_error=calibration_error(bins),
        calibration=bins,
        confusion=_confusion(gold, served),
    )


def _confusion(
    gold: Sequence[SentimentType], served: Sequence[SentimentType | None]
) -> dict[SentimentType, dict[SentimentType, int]]:
    counts = Counter(pair for pair in zip(gold, served, strict=True))
    return {
        label: {answer: counts[label, answer] for answer in SentimentType if (label, answer) in counts}
        for label in SentimentType
        if label in gold
    }


def _calibration_bins(
    gold: Sequence[SentimentType], sentiments: Sequence[Sentiment | None]
) -> tuple[CalibrationBin, ...]:
    """Of the answers that there are: one that failed claims nothing."""
    answered = [(label, each) for label, each in zip(gold, sentiments, strict=True) if each]
    confidences = [max(astuple(each.scores)) for _, each in answered]
    return calibration_bins(confidences, [label == each.sentiment for label, each in answered])


def score_entities(
    examples: Sequence[EntityExample], answers: Sequence[Analysis | None]
) -> dict[EntityType, SpanCounts]:
    """The counts of each type that a source covers."""
    counts: dict[EntityType, SpanCounts] = {}
    for example, answer in zip(examples, answers, strict=True):
        for kind, found in count_entities(example, (answer and answer.entities) or ()).items():
            counts[kind] = counts.get(kind, SpanCounts()) + found
    return counts


def score_key_phrases(examples: Sequence[KeyPhraseExample], answers: Sequence[Analysis | None]) -> SpanCounts:
    """The counts of all texts."""
    return total(counted_key_phrases(examples, answers))


def score_detection(texts: Iterable[str], language: str, detector: LanguageDetector) -> DetectionFigures | None:
    """How often the detector finds the language of the texts that are long enough; None when none is."""
    right = [_is_found(text, language, detector) for text in texts if len(text) >= MIN_DETECTION_CHARACTERS]
    return DetectionFigures(len(right), sum(right) / len(right)) if right else None


def _is_found(text: str, language: str, detector: LanguageDetector) -> bool:
    try:
        return detector.detect(text) == language
    except UnsupportedLanguageError:
        return False
