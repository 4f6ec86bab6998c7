"""Whether a challenger may take the champion's place."""

from collections.abc import Iterator, Mapping
from random import Random

from msgspec import Struct

from sentiment_core.evaluation import Comparison, Evaluation, Latency, compare
from sentiment_core.evaluation.bootstrap import RESAMPLES, Difference, holm
from sentiment_core.probing import GoldenMistake
from sentiment_core.promotion.measuring import Measured

ALPHA = 0.05
"""The share of challengers as good as the champion that the comparison refuses at most.

Half of it is for the means and half for the languages, each half shared out among its differences by Holm.
"""


class Budgets(Struct, frozen=True):
    """What a model may cost.

    ``p99_seconds`` is of texts asked one after another, for all features; ``slowdown`` how many times the champion's
    median that of the challenger may be; ``bytes`` are those of the model folder.
    """

    p99_seconds: float = 0.5
    slowdown: float = 1.5
    bytes: int = 250_000_000


class Rule(Struct, frozen=True):
    """A rule of the gate, whether it is kept, and in a sentence what was found."""

    name: str
    passed: bool
    says: str


class Contestant(Struct, frozen=True):
    """One side: what was measured, without the single texts."""

    figures: Evaluation
    latency: Latency
    bytes: int
    golden_mistakes: list[GoldenMistake]


class GateReport(Struct, frozen=True):
    """The verdict, with every figure that it rests on.

    ``comparison`` is of the challenger less the champion. Its p-values are of single differences; ``adjusted`` has
    them corrected for their number, by ``mean`` or language and by figure, to be compared with ALPHA.
    """

    passed: bool
    rules: list[Rule]
    budgets: Budgets
    challenger: Contestant
    champion: Contestant | None = None
    comparison: Comparison | None = None
    adjusted: Mapping[str, Mapping[str, float]] = {}

    @property
    def reasons(self) -> list[str]:
        """A sentence for each rule that is broken."""
        return [f"{rule.name}: {rule.says}" for rule in self.rules if not rule.passed]


def judge(
    challenger: Measured,
    champion: Measured | None = None,
    *,
    budgets: Budgets = Budgets(),  # noqa: B008 - frozen
    random: Random,
    resamples: int = RESAMPLES,
) -> GateReport:
    """Judges what :func:`~sentiment_core.promotion.measure` found of both, on the same texts.

    Without a champion only budgets and golden texts decide.
    """
    rules = [*_own_rules(challenger, budgets)]
    comparison, adjusted = None, {}
    if champion is not None:
        rules.append(_slowdown(challenger.latency, champion.latency, budgets))
        sides = (champion.examination, challenger.examination)
        versions = (sides[0].figures.model_version, sides[1].figures.model_version)
        comparison = compare(sides[0].texts, sides[1].texts, random, names=versions, resamples=resamples)
        adjusted = adjusted_p_values(comparison)
        rules += _comparison_rules(comparison, adjusted)
    return GateReport(
        passed=all(rule.passed for rule in rules),
        rules=rules,
        budgets=budgets,
        challenger=_contestant(challenger),
        champion=_contestant(champion) if champion else None,
        comparison=comparison,
        adjusted=adjusted,
    )


def adjusted_p_values(comparison: Comparison) -> dict[str, dict[str, float]]:
    """The p-values of a comparison corrected for their number: by ``mean`` or language, and by figure."""
    mean = {("mean", figure): each.p_value for figure, each in comparison.mean.items()}
    languages = {
        (language, figure): each.p_value
        for language, figures in comparison.languages.items()
        for figure, each in figures.items()
    }
    adjusted: dict[str, dict[str, float]] = {}
    for family in (mean, languages):
        for (row, figure), p_value in holm(family).items():
            adjusted.setdefault(row, {})[figure] = min(1.0, 2 * p_value)
    return adjusted


def _own_rules(challenger: Measured, budgets: Budgets) -> Iterator[Rule]:
    mistakes = [f"{each.document.text!r} is {each.given}, not {each.wanted}" for each in challenger.golden_mistakes]
    yield Rule("golden texts", not mistakes, "; ".join(mistakes) or "all are right")
    p99 = challenger.latency.p99
    yield Rule(
        "latency",
        p99 <= budgets.p99_seconds,
        f"99 % of single texts take at most {1000 * p99:.1f} ms; {1000 * budgets.p99_seconds:.1f} ms are allowed",
    )
    yield Rule(
        "size",
        challenger.bytes <= budgets.bytes,
        f"the model has {challenger.bytes / 1e6:.1f} MB; {budgets.bytes / 1e6:.1f} MB are allowed",
    )


def _slowdown(challenger: Latency, champion: Latency, budgets: Budgets) -> Rule:
    return Rule(
        "slowdown",
        challenger.p50 <= budgets.slowdown * champion.p50,
        f"a text takes {1000 * challenger.p50:.1f} ms, the champion {1000 * champion.p50:.1f} ms (medians);"
        f" {budgets.slowdown:g} times as long is allowed",
    )


def _comparison_rules(comparison: Comparison, adjusted: Mapping[str, Mapping[str, float]]) -> Iterator[Rule]:
    rows: dict[str, Mapping[str, Difference]] = {"mean": comparison.mean, **comparison.languages}
    for row, figures in rows.items():
        worse = [figure for figure in figures if adjusted[row][figure] <= ALPHA]
        says = "; ".join(_says(figure, figures[figure], adjusted[row][figure]) for figure in worse)
        yield Rule(row, not worse, says or "not worse than the champion")


def _says(figure: str, difference: Difference, adjusted: float) -> str:
    interval = f"{difference.low:+.3f} to {difference.high:+.3f}"
    return f"{figure} is {-difference.value:.3f} lower (95 %: {interval}; p = {adjusted:.4f}, corrected)"


def _contestant(measured: Measured) -> Contestant:
    return Contestant(measured.examination.figures, measured.latency, measured.bytes, measured.golden_mistakes)
