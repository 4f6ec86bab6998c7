"""The population stability index."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.drift import stability_index
from sentiment_core.drift.stability import SMOOTHING

counts = st.lists(st.integers(0, 1_000), min_size=10, max_size=10)


def test_it_is_the_sum_over_bins_of_the_difference_times_the_logarithm_of_the_ratio() -> None:
    p, q = (300 + SMOOTHING) / 1_001, (500 + SMOOTHING) / 1_001
    expected = (p - q) * math.log(p / q) + (q - p) * math.log((1 - p) / (1 - q))

    assert stability_index([500, 500], [300, 700]) == pytest.approx(expected)
    assert expected == pytest.approx(0.169, abs=0.001)


@given(counts)
def test_of_a_distribution_against_itself_it_is_zero(same: list[int]) -> None:
    assert stability_index(same, same) == 0


@given(counts, counts)
def test_it_is_finite_and_never_negative_whatever_bins_are_empty(one: list[int], other: list[int]) -> None:
    index = stability_index([count * (sum(other) or 1) / (sum(one) or 1) for count in one], other)

    assert 0 <= index < math.inf


def test_the_farther_the_documents_move_the_more_it_is() -> None:
    indices = [stability_index([500, 500], [500 - moved, 500 + moved]) for moved in (0, 50, 100, 200, 400, 500)]

    assert indices == sorted(set(indices))
