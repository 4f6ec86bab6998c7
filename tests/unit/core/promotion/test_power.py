"""How often the comparison refuses a challenger that is no worse, and one that is: simulated, with fixed seeds."""

from collections.abc import Mapping
from random import Random

from sentiment_core.evaluation import Comparison, compare
from sentiment_core.promotion.gate import ALPHA, adjusted_p_values
from tests.unit.core.promotion.simulation import LANGUAGES, two_analyzers

RESAMPLES = 250
"""The lowest p-value, 1 / 251, is below ALPHA / 2 / 6: one language can be told apart."""


def simulate(times: int, texts: int, losses: Mapping[str, float]) -> list[Comparison]:
    """Comparisons of as many pairs of analyzers."""
    random = Random(20_261_130)
    return [compare(*two_analyzers(random, texts, losses), random, resamples=RESAMPLES) for _ in range(times)]


def refused(comparison: Comparison) -> set[str]:
    """The languages, or ``mean``, in which the challenger is found worse."""
    adjusted = adjusted_p_values(comparison)
    return {row for row, figures in adjusted.items() if min(figures.values()) <= ALPHA}


def test_an_equal_challenger_passes_nineteen_times_in_twenty_and_without_the_correction_it_would_not() -> None:
    """Of 1,200 simulations 4.8 % were refused; of these 200, no more than chance lets be of 5 % (two deviations)."""
    comparisons = simulate(200, 60, {})
    uncorrected = [
        any(each["sentiment_macro_f1"].p_value <= ALPHA for each in comparison.languages.values())
        for comparison in comparisons
    ]

    assert sum(bool(refused(comparison)) for comparison in comparisons) <= 10 + 2 * (200 * 0.05 * 0.95) ** 0.5
    assert sum(uncorrected) >= 200 / 6


def test_a_challenger_that_is_worse_everywhere_is_refused_on_the_mean() -> None:
    comparisons = simulate(20, 150, dict.fromkeys(LANGUAGES, 0.1))

    assert all("mean" in refused(comparison) for comparison in comparisons)


def test_a_challenger_that_is_worse_in_one_language_only_is_refused_for_that_language() -> None:
    comparisons = simulate(20, 150, {"ja": 0.3})

    assert all("ja" in refused(comparison) for comparison in comparisons)
    assert sum(len(refused(comparison) - {"ja", "mean"}) > 0 for comparison in comparisons) <= 1
