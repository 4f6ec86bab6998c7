"""Differences, their intervals and p-values, against what is known of them beforehand."""

from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.evaluation.bootstrap import f1_differences, holm, mean_f1, summarize

COUNTS = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)).map(
    lambda counts: (counts[0], counts[1], min(counts))
)
PAIRS = st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=20)
P_VALUES = st.dictionaries(st.integers(), st.floats(0, 1), max_size=20)

RIGHT, WRONG = (1, 1, 1), (1, 1, 0)


def test_f1_is_the_mean_over_the_classes_that_occur() -> None:
    """2 * 1 / (2 + 1) and 2 * 3 / (3 + 3); of the third class there is nothing."""
    assert mean_f1((2, 1, 1, 3, 3, 3, 0, 0, 0)) == pytest.approx((2 / 3 + 1) / 2)
    assert mean_f1((0, 0, 0)) == 1


@given(PAIRS)
def test_the_first_difference_is_that_of_all_texts(pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    first, second = zip(*pairs, strict=True)
    totals = [tuple(map(sum, zip(*side, strict=True))) for side in (first, second)]

    assert f1_differences(first, second, Random(0), 3)[0] == mean_f1(totals[1]) - mean_f1(totals[0])


@given(PAIRS)
def test_an_analyzer_does_not_differ_from_itself(pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    texts = [text for text, _ in pairs]
    found = summarize(f1_differences(texts, texts, Random(0), 20))

    assert (found.value, found.low, found.high, found.p_value) == (0, 0, 0, 1)


def test_one_seed_gives_one_result() -> None:
    texts = [RIGHT] * 30 + [WRONG] * 10, [WRONG] * 20 + [RIGHT] * 20

    assert f1_differences(*texts, Random(7), 50) == f1_differences(*texts, Random(7), 50)
    assert f1_differences(*texts, Random(7), 50) != f1_differences(*texts, Random(8), 50)


def test_the_interval_and_the_p_value_are_those_of_the_normal_distribution_where_it_holds() -> None:
    """Of 400 texts the first alone has 60 right and the second alone 40: -0.05, and its error is that of a mean."""
    first = [RIGHT] * 60 + [WRONG] * 40 + [RIGHT] * 300
    second = [WRONG] * 60 + [RIGHT] * 40 + [RIGHT] * 300
    found = summarize(f1_differences(first, second, Random(1), 4_000))
    error = ((100 / 400 - 0.05**2) / 400) ** 0.5

    assert found.value == pytest.approx(-0.05)
    assert found.low == pytest.approx(-0.05 - 1.96 * error, abs=0.004)
    assert found.high == pytest.approx(-0.05 + 1.96 * error, abs=0.004)
    assert found.p_value == pytest.approx(NormalDist().cdf(-0.05 / error), abs=0.01)


def test_a_handful_of_texts_proves_nothing() -> None:
    """Five of five that differ are worse: a sign test gives 1/32, and the share of resamples above 0 is e**-5."""
    found = summarize(f1_differences([RIGHT] * 100, [RIGHT] * 95 + [WRONG] * 5, Random(1), 4_000))

    assert 0.02 < found.p_value < 0.06


def test_holm_multiplies_the_lowest_by_their_number_the_next_by_one_less_and_never_falls() -> None:
    """Holm (1979); the figures are those of R's p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm")."""
    assert holm({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.02}) == pytest.approx(
        {"b": 0.04, "d": 0.06, "c": 0.06, "a": 0.06}
    )


@given(P_VALUES)
def test_corrected_p_values_are_no_lower_keep_their_order_and_stay_within_1(p_values: dict[int, float]) -> None:
    adjusted = holm(p_values)

    assert adjusted.keys() == p_values.keys()
    assert all(p_values[key] <= adjusted[key] <= 1 for key in adjusted)
    ordered = [adjusted[key] for key in sorted(p_values, key=p_values.__getitem__)]
    assert ordered == sorted(ordered)
