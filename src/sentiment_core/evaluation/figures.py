"""What an evaluation finds. ``sentiment evaluate --json`` writes an :class:`Evaluation`, in this layout::

    {"analyzer": "embedded", "model_version": "sentiment-embedded-1.0", "split": "test", "limit": null,
     "mean": {Headline},
     "entity_types": {"PERSON": {SpanFigures}, ...},
     "languages": {
       "en": {"texts", "texts_per_second",
              "sentiment": {"texts", "macro_f1", "class_f1": {"POSITIVE", "NEGATIVE", "NEUTRAL"}, "accuracy",
                            "calibration_error", "calibration": [{"texts", "confidence", "right"}, ...],
                            "confusion": {"POSITIVE": {"POSITIVE": 90, "NEGATIVE": 10}, ...}},
              "entities": {SpanFigures}, "entity_types": {"PERSON": {SpanFigures}, ...},
              "key_phrases": {SpanFigures},
              "detection": {"texts", "accuracy"},
              "failures": {"throttled": 3}},
       ...},
     "latency": {"texts", "p50", "p99"}}

    Headline:    texts, texts_per_second, sentiment_macro_f1, sentiment_accuracy, calibration_error, entities_f1,
                 key_phrases_f1, language_accuracy
    SpanFigures: texts, gold, predicted, exact, precision, recall, f1

All scores are 0 to 1. A task that has no texts is null, and so is a latency that was not measured.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import astuple

from sentiment_core.evaluation.classes import CalibrationBin, merged_bins
from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.models import EntityType, SentimentType

Confusion = Mapping[SentimentType, Mapping[SentimentType, int]]
"""Numbers of texts by annotated class and answered class; a text without an answer is in none."""


class Latency(Struct, frozen=True):
    """Of texts asked one after another, for all three features. p50 and p99 are in seconds."""

    texts: int
    p50: float
    p99: float


class SentimentFigures(Struct, frozen=True):
    """``macro_f1`` and ``class_f1`` are of the likeliest of three classes, texts annotated MIXED left out.

    ``accuracy``, ``calibration_error`` (ECE, of the highest score), the bins that it is of and ``confusion`` are of
    the four-class label that is served.
    """

    texts: int
    macro_f1: float
    class_f1: Mapping[SentimentType, float]
    accuracy: float
    calibration_error: float
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: Confusion = {}


class SpanFigures(Struct, frozen=True):
    """``texts`` are those whose source covers the type; ``gold``, ``predicted`` and ``exact`` are numbers of spans."""

    texts: int
    gold: int
    predicted: int
    exact: int
    precision: float
    recall: float
    f1: float


class DetectionFigures(Struct, frozen=True):
    """How often ``auto`` finds the language, over the texts of 20 characters and more; a refusal is wrong."""

    texts: int
    accuracy: float


class LanguageFigures(Struct, frozen=True):
    """One language. ``texts_per_second`` is of the whole analyzer, each text being asked for one feature.

    ``failures`` counts the texts that got no answer, by the error's code; they are scored as wrong.
    """

    texts: int
    texts_per_second: float
    sentiment: SentimentFigures | None
    entities: SpanFigures | None
    entity_types: Mapping[EntityType, SpanFigures]
    key_phrases: SpanFigures | None
    detection: DetectionFigures | None
    failures: Mapping[str, int]


class Headline(Struct, frozen=True):
    """A row of the table: a language's figures, or their mean over the languages that have them."""

    texts: float | None
    texts_per_second: float | None
    sentiment_macro_f1: float | None
    sentiment_accuracy: float | None
    calibration_error: float | None
    entities_f1: float | None
    key_phrases_f1: float | None
    language_accuracy: float | None


class Evaluation(Struct, frozen=True):
    """All languages. ``entity_types`` are over the texts of all of them; ``limit`` the texts a task had at most."""

    analyzer: str
    model_version: str
    split: str
    limit: int | None
    mean: Headline
    entity_types: Mapping[EntityType, SpanFigures]
    languages: Mapping[str, LanguageFigures]
    latency: Latency | None = None


def span_figures(counts: SpanCounts) -> SpanFigures:
    """The counts with their scores."""
    return SpanFigures(
        texts=counts.texts,
        gold=counts.gold,
        predicted=counts.predicted,
        exact=counts.exact,
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
    )


def pooled_types(languages: Iterable[LanguageFigures]) -> dict[EntityType, SpanFigures]:
    """Each entity type over the texts of all languages."""
    counts: dict[EntityType, SpanCounts] = {}
    for figures in languages:
        for kind, each in figures.entity_types.items():
            found = SpanCounts(each.texts, each.gold, each.predicted, each.exact)
            counts[kind] = counts.get(kind, SpanCounts()) + found
    return {kind: span_figures(counts[kind]) for kind in EntityType if kind in counts}


def pooled_calibration(evaluation: Evaluation) -> tuple[CalibrationBin, ...]:
    """The calibration of sentiment over the texts of all languages."""
    bins = [
        each for figures in evaluation.languages.values() if figures.sentiment for each in figures.sentiment.calibration
    ]
    return merged_bins(bins)


def pooled_confusion(evaluation: Evaluation) -> dict[SentimentType, Counter[SentimentType]]:
    """The confusion of sentiment over the texts of all languages."""
    pooled: dict[SentimentType, Counter[SentimentType]] = {}
    for figures in evaluation.languages.values():
        for label, answers in (figures.sentiment.confusion if figures.sentiment else {}).items():
            pooled.setdefault(label, Counter()).update(answers)
    return pooled


def headline(figures: LanguageFigures) -> Headline:
    """The figures that a table has room for."""
    sentiment = figures.sentiment
    return Headline(
        texts=figures.texts,
        texts_per_second=figures.texts_per_second,
        sentiment_macro_f1=sentiment.macro_f1 if sentiment else None,
        sentiment_accuracy=sentiment.accuracy if sentiment else None,
        calibration_error=sentiment.calibration_error if sentiment else None,
        entities_f1=figures.entities.f1 if figures.entities else None,
        key_phrases_f1=figures.key_phrases.f1 if figures.key_phrases else None,
        language_accuracy=figures.detection.accuracy if figures.detection else None,
    )


def mean_headline(headlines: Sequence[Headline]) -> Headline:
    """Each column's mean over the rows that have the figure, each row counting alike."""
    columns = zip(*map(astuple, headlines), strict=True)
    return Headline(*map(_mean, columns))


def _mean(column: Sequence[float | None]) -> float | None:
    known = [figure for figure in column if figure is not None]
    return sum(known) / len(known) if known else None
