"""What the tracker is told of an evaluation: figures by name, the whole as JSON, and drawings."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import asdict

from sentiment_core.evaluation.comparison import Comparison
from sentiment_core.evaluation.figures import (
    Evaluation,
    Headline,
    LanguageFigures,
    headline,
    pooled_calibration,
    pooled_confusion,
)
from sentiment_core.evaluation.plots import calibration_plot, confusion_plot
from sentiment_core.ports import Tracker


def record_evaluation(tracker: Tracker, evaluation: Evaluation, step: int = 0) -> None:
    """Adds the figures to the run under way, and keeps ``evaluation.json`` and the drawings with it."""
    tracker.log(run_figures(evaluation), step)
    tracker.attach("evaluation.json", as_json(evaluation))
    for name, drawing in drawings(evaluation):
        tracker.attach(name, drawing)


def run_figures(evaluation: Evaluation) -> dict[str, float]:
    """The figures by ``NAME/LANGUAGE``, so that the pages of a tracker show one figure's languages together.

    The names are those of Headline (with ``mean`` in a language's place), ``positive_f1`` and the like, ``failures``;
    ``entity_f1/PERSON`` and the like are over all languages, and latencies are ``latency_seconds/p99``.
    """
    figures = {**_headline("mean", evaluation.mean)}
    for language, each in evaluation.languages.items():
        figures |= _headline(language, headline(each)) | _of_language(language, each)
    for kind, spans in evaluation.entity_types.items():
        for name in ("precision", "recall", "f1"):
            figures[f"entity_{name}/{kind}"] = getattr(spans, name)
    if evaluation.latency:
        figures |= {"latency_seconds/p50": evaluation.latency.p50, "latency_seconds/p99": evaluation.latency.p99}
    return figures


def difference_figures(comparison: Comparison) -> dict[str, float]:
    """The differences by ``difference_NAME/LANGUAGE``."""
    rows = {"mean": comparison.mean, **comparison.languages}
    return {f"difference_{name}/{row}": each.value for row, found in rows.items() for name, each in found.items()}


def drawings(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """(name, SVG) of the confusion in each language that has sentiment, in all of them, and of their calibration."""
    named = {
        language: figures.sentiment.confusion for language, figures in evaluation.languages.items() if figures.sentiment
    }
    if named:
        yield "confusion/all.svg", confusion_plot(pooled_confusion(evaluation), "all languages")
        yield "calibration.svg", calibration_plot(pooled_calibration(evaluation))
    for language, confusion in named.items():
        yield f"confusion/{language}.svg", confusion_plot(confusion, language)


def as_json(value: object) -> bytes:
    """Indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _headline(row: str, figures: Headline) -> dict[str, float]:
    return {f"{name}/{row}": value for name, value in asdict(figures).items() if value is not None}


def _of_language(language: str, figures: LanguageFigures) -> dict[str, float]:
    classes = figures.sentiment.class_f1 if figures.sentiment else {}
    return {
        **{f"{label.lower()}_f1/{language}": value for label, value in classes.items()},
        f"failures/{language}": sum(figures.failures.values()),
    }
