"""The gate's report for people, in plain text."""

from collections.abc import Iterator, Mapping

from sentiment_core.evaluation import headline
from sentiment_core.evaluation.bootstrap import Difference
from sentiment_core.evaluation.comparison import COMPARED
from sentiment_core.evaluation.figures import Headline
from sentiment_core.promotion.gate import GateReport

_HEADINGS = ("sentiment macro-F1", "entities F1", "key phrases F1")
"""Of COMPARED, in order."""


def report_text(report: GateReport) -> str:
    """A verdict, a line for each rule, and a table of the differences when there is a champion."""
    champion = f" in place of {report.champion.figures.model_version}" if report.champion else ", with no champion yet"
    verdict = "passed" if report.passed else "refused"
    lines = [f"{report.challenger.figures.model_version}{champion}: {verdict}", ""]
    lines += [f"  {'ok ' if rule.passed else 'NO '} {rule.name:<13} {rule.says}" for rule in report.rules]
    return "\n".join([*lines, *_table(report)]) + "\n"


def _table(report: GateReport) -> Iterator[str]:
    if report.comparison is None or report.champion is None:
        return
    yield ""
    yield "The challenger's figures, how far above the champion's with 95 % intervals, and p-values corrected by Holm:"
    yield "  " + " " * 7 + "".join(f"{name:<42}" for name in _HEADINGS).rstrip()
    figures = report.challenger.figures
    for language, differences in report.comparison.languages.items():
        yield _row(language, headline(figures.languages[language]), differences, report.adjusted[language])
    yield _row("mean", figures.mean, report.comparison.mean, report.adjusted["mean"])


def _row(name: str, figures: Headline, differences: Mapping[str, Difference], adjusted: Mapping[str, float]) -> str:
    cells = (
        _cell(getattr(figures, figure), differences[figure], adjusted[figure]) if figure in differences else "-"
        for figure in COMPARED
    )
    return f"  {name:<7}" + "".join(f"{cell:<42}" for cell in cells).rstrip()


def _cell(figure: float, difference: Difference, adjusted: float) -> str:
    interval = f"[{difference.low:+.3f}, {difference.high:+.3f}]"
    return f"{figure:.3f}  {difference.value:+.3f} {interval} p={adjusted:.3f}"
