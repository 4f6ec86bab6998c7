"""How the difference between two analyzers looks on a terminal."""

from collections.abc import Iterator

from rich.table import Table

from sentiment_core.evaluation import Comparison, Evaluation, Headline, headline
from sentiment_core.evaluation.bootstrap import Difference
from sentiment_core.evaluation.comparison import COMPARED

TITLES = ("sentiment, macro-F1 of three classes", "entities, F1", "key phrases, F1")
"""Of COMPARED, in order."""


def difference_tables(comparison: Comparison, one: Evaluation, other: Evaluation) -> Iterator[Table]:
    """A table for each figure that there is: a row for each language, and their mean."""
    for figure, title in zip(COMPARED, TITLES, strict=True):
        if figure in comparison.mean:
            yield _table(figure, title, comparison, one, other)


def _table(figure: str, title: str, comparison: Comparison, one: Evaluation, other: Evaluation) -> Table:
    table = Table(title=title)
    table.add_column("")
    for name in (one.model_version, other.model_version, "difference"):
        table.add_column(name, justify="right")
    for language, found in comparison.languages.items():
        if figure in found:
            rows = headline(one.languages[language]), headline(other.languages[language])
            table.add_row(language, *_cells(figure, *rows, found[figure]))
    table.add_section()
    table.add_row("mean", *_cells(figure, one.mean, other.mean, comparison.mean[figure]))
    return table


def _cells(figure: str, one: Headline, other: Headline, difference: Difference) -> list[str]:
    """The difference is bold where its interval leaves 0 out."""
    shown = rf"{difference.value:+.3f} \[{difference.low:+.3f}, {difference.high:+.3f}]"
    clear = difference.low > 0 or difference.high < 0
    return [
        f"{getattr(one, figure):.3f}",
        f"{getattr(other, figure):.3f}",
        f"[bold]{shown}[/bold]" if clear else shown,
    ]
