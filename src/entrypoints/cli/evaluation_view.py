"""How an evaluation looks on a terminal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec.structs import astuple
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from entrypoints.cli.comparison_view import difference_tables
from sentiment_core.evaluation import Comparison, Evaluation, Latency, headline
from sentiment_core.evaluation.figures import SpanFigures
from sentiment_core.models import EntityType, SentimentType

HEADLINES = ("texts", "texts/s", "sentiment", "4 classes", "ECE", "entities", "phrases", "language")
"""Of the fields of Headline, in order."""

LEGEND = (
    "sentiment: macro-F1 of three classes; 4 classes: accuracy of the label; ECE: calibration error;"
    " entities, phrases: F1 of exact spans; language: accuracy of 'auto'"
)


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int], object]]:
    """Gives the function that moves the bar on; draws it on standard error, when that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("texts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("texts", total=total)
        yield lambda texts: progress.advance(task, texts)


def render(
    evaluations: Sequence[Evaluation], comparison: Comparison | None = None, console: Console | None = None
) -> None:
    """Prints what was found of each analyzer, and then how the first one differs from the other."""
    console = console or Console(width=None if Console().is_terminal else 120, highlight=False)
    for evaluation in evaluations:
        _render_one(evaluation, console)
    if comparison:
        for table in difference_tables(comparison, evaluations[0], evaluations[1]):
            console.print(table)
        console.print("In brackets: 95 % interval of the difference, by paired bootstrap", style="dim")


def _render_one(evaluation: Evaluation, console: Console) -> None:
    """A row for each language and their mean, its classes, the types of entities, the times, and what failed."""
    console.print(_languages(evaluation))
    console.print(LEGEND, style="dim")
    if evaluation.mean.sentiment_macro_f1 is not None:
        console.print(_classes(evaluation))
    if evaluation.entity_types:
        console.print(_types(evaluation.entity_types))
    if evaluation.latency:
        console.print(_times(evaluation.latency))
    for language, figures in evaluation.languages.items():
        for code, times in figures.failures.items():
            console.print(f"{language}: {times} texts got no answer ({code})", style="red")


def _languages(evaluation: Evaluation) -> Table:
    table = Table(title=f"{evaluation.analyzer} ({evaluation.model_version}), split {evaluation.split}")
    table.add_column("")
    for name in HEADLINES:
        table.add_column(name, justify="right")
    for language, figures in evaluation.languages.items():
        table.add_row(language, *_cells(astuple(headline(figures))))
    table.add_section()
    table.add_row("mean", *_cells(astuple(evaluation.mean)), style="bold")
    return table


def _classes(evaluation: Evaluation) -> Table:
    table = Table(title="sentiment, F1 of each class")
    table.add_column("")
    classes = (SentimentType.POSITIVE, SentimentType.NEGATIVE, SentimentType.NEUTRAL)
    for kind in classes:
        table.add_column(kind.lower(), justify="right")
    for language, figures in evaluation.languages.items():
        if figures.sentiment:
            scores = (figures.sentiment.class_f1.get(kind) for kind in classes)
            table.add_row(language, *("-" if score is None else f"{score:.3f}" for score in scores))
    return table


def _times(latency: Latency) -> str:
    p50, p99 = 1000 * latency.p50, 1000 * latency.p99
    return f"single texts, all features: half within {p50:.1f} ms, 99 % within {p99:.1f} ms ({latency.texts} texts)"


def _cells(row: tuple[float | None, ...]) -> list[str]:
    counts, scores = row[:2], row[2:]
    whole = ["-" if figure is None else f"{figure:,.0f}" for figure in counts]
    return whole + ["-" if figure is None else f"{figure:.3f}" for figure in scores]


def _types(types: Mapping[EntityType, SpanFigures]) -> Table:
    table = Table(title="entities, all languages")
    table.add_column("type")
    for name in ("texts", "annotated", "found", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for kind, figures in types.items():
        numbers = (f"{number:,}" for number in (figures.texts, figures.gold, figures.predicted))
        scores = (f"{score:.3f}" for score in (figures.precision, figures.recall, figures.f1))
        table.add_row(kind.value, *numbers, *scores)
    return table
