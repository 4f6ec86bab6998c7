"""Two analyzers side by side, on the same texts."""

from collections.abc import Mapping, Sequence
from random import Random

from msgspec import Struct

from sentiment_core.evaluation.bootstrap import RESAMPLES, Counts, Difference, f1_differences, summarize
from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.evaluation.texts import Judgement, TextResults
from sentiment_core.models import SentimentType

COMPARED = ("sentiment_macro_f1", "entities_f1", "key_phrases_f1")
"""The figures that are compared, by their names in Headline."""

_CLASSES = (SentimentType.POSITIVE, SentimentType.NEGATIVE, SentimentType.NEUTRAL)


class Comparison(Struct, frozen=True):
    """Differences of each figure, ``second`` less ``first``: of the mean over the languages, and by language.

    A figure whose task has no texts is left out.
    """

    first: str
    second: str
    mean: Mapping[str, Difference]
    languages: Mapping[str, Mapping[str, Difference]]


def compare(
    first: Mapping[str, TextResults],
    second: Mapping[str, TextResults],
    random: Random,
    *,
    names: tuple[str, str] = ("first", "second"),
    resamples: int = RESAMPLES,
) -> Comparison:
    """Compares what became of the same texts, by language.

    Twelve languages with 1,000 texts a task and 1,000 resamples take 5 s of a processor.
    """
    differences = {language: _of_language(first[language], second[language], random, resamples) for language in first}
    return Comparison(
        *names,
        mean={
            figure: summarize(_mean([each[figure] for each in differences.values() if figure in each]))
            for figure in COMPARED
            if any(figure in each for each in differences.values())
        },
        languages={
            language: {figure: summarize(each) for figure, each in figures.items()}
            for language, figures in differences.items()
        },
    )


def _of_language(first: TextResults, second: TextResults, random: Random, resamples: int) -> dict[str, list[float]]:
    return {
        figure: f1_differences(one, other, random, resamples)
        for figure, one, other in zip(COMPARED, _counts(first), _counts(second), strict=True)
        if one
    }


def _mean(differences: Sequence[Sequence[float]]) -> list[float]:
    """The languages' mean, resample by resample, since each language's texts are drawn by themselves."""
    return [sum(each) / len(each) for each in zip(*differences, strict=True)]


def _counts(texts: TextResults) -> tuple[list[Counts], list[Counts], list[Counts]]:
    """Of each task's texts, in the order of COMPARED."""
    return (
        [_class_counts(each) for each in texts.sentiment],
        [_span_counts(each) for each in texts.entities],
        [_span_counts(each) for each in texts.key_phrases],
    )


def _class_counts(judgement: Judgement) -> Counts:
    label, answer = judgement
    return tuple(int(each) for kind in _CLASSES for each in (label == kind, answer == kind, label == answer == kind))


def _span_counts(counts: SpanCounts) -> Counts:
    return (counts.gold, counts.predicted, counts.exact)
