from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.evaluation.classes import (
    CalibrationBin,
    accuracy,
    calibration_bins,
    calibration_error,
    class_f1,
    likeliest_of_three,
    macro_f1,
)
from sentiment_core.models import SentimentScore, SentimentType

GOLD = ["pos", "pos", "neg", "neg", "neu"]
PREDICTED = ["pos", "neg", "neg", "neu", "neu"]

LABELS = st.sampled_from(["pos", "neg", "neu"])
PAIRS = st.lists(st.tuples(LABELS, st.one_of(st.none(), LABELS)), min_size=1, max_size=30)
CONFIDENCES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


def test_f1_of_a_class_is_as_computed_by_hand() -> None:
    """pos: 1 right of 2 annotated and 1 answered; neg: 1 of 2 and 2; neu: 1 of 1 and 2."""
    assert class_f1(GOLD, PREDICTED) == pytest.approx({"pos": 2 / 3, "neg": 1 / 2, "neu": 2 / 3})
    assert macro_f1(GOLD, PREDICTED) == pytest.approx(11 / 18)
    assert accuracy(GOLD, PREDICTED) == pytest.approx(3 / 5)


def test_a_class_that_is_only_answered_counts_as_zero() -> None:
    assert macro_f1(["pos", "pos"], ["pos", "neg"]) == pytest.approx((2 / 3 + 0) / 2)


def test_an_answer_that_failed_is_wrong() -> None:
    assert accuracy(["pos", "neg"], ["pos", None]) == 0.5
    assert class_f1(["pos", "neg"], ["pos", None]) == {"pos": 1, "neg": 0}


def test_calibration_error_is_as_computed_by_hand() -> None:
    """Bin 14: two at 0.95, half right, off by 0.45. Bin 8: two at 0.55, both right, off by 0.45. No other bin."""
    assert calibration_error(calibration_bins([0.95, 0.95, 0.55, 0.55], [True, False, True, True])) == pytest.approx(
        0.45
    )


def test_bins_hold_what_is_in_them_and_empty_ones_are_left_out() -> None:
    assert calibration_bins([0.9, 0.1, 1.0], [True, False, False], bins=2) == (
        CalibrationBin(1, 0.1, 0.0),
        CalibrationBin(2, pytest.approx(0.95), 0.5),
    )


def test_errors_of_one_bin_cancel_and_those_of_two_do_not() -> None:
    assert calibration_error(calibration_bins([0.5, 0.5], [True, False], bins=1)) == 0
    assert calibration_error(calibration_bins([0.4, 0.6], [True, False], bins=1)) == pytest.approx(0)
    assert calibration_error(calibration_bins([0.4, 0.6], [True, False], bins=2)) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (SentimentScore(positive=0.2, negative=0.1, neutral=0.1, mixed=0.6), SentimentType.POSITIVE),
        (SentimentScore(positive=0.1, negative=0.5, neutral=0.2, mixed=0.2), SentimentType.NEGATIVE),
        (SentimentScore(positive=0.0, negative=0.0, neutral=0.1, mixed=0.9), SentimentType.NEUTRAL),
    ],
)
def test_mixed_is_left_aside_when_three_classes_count(scores: SentimentScore, expected: SentimentType) -> None:
    assert likeliest_of_three(scores) is expected


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_texts_does_not_matter(pairs: list[tuple[str, str | None]], random: Random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert macro_f1(*columns(shuffled)) == pytest.approx(macro_f1(*columns(pairs)))
    assert accuracy(*columns(shuffled)) == accuracy(*columns(pairs))


@given(PAIRS)
def test_scores_are_between_0_and_1(pairs: list[tuple[str, str | None]]) -> None:
    gold, predicted = columns(pairs)
    assert all(0 <= score <= 1 for score in (macro_f1(gold, predicted), *class_f1(gold, predicted).values()))


@given(st.lists(LABELS, min_size=1))
def test_right_answers_score_1(gold: list[str]) -> None:
    assert macro_f1(gold, gold) == accuracy(gold, gold) == 1


@given(CONFIDENCES, st.randoms(use_true_random=False))
def test_calibration_error_is_between_0_and_1_whatever_the_order(
    answers: list[tuple[float, bool]], random: Random
) -> None:
    error = calibration_error_of(answers)
    shuffled = calibration_error_of(random.sample(answers, len(answers)))

    assert 0 <= error <= 1
    assert shuffled == pytest.approx(error)


@given(st.lists(st.booleans(), min_size=1))
def test_certain_answers_that_are_right_and_hopeless_ones_that_are_wrong_are_calibrated(right: list[bool]) -> None:
    assert calibration_error(calibration_bins([float(each) for each in right], right)) == 0


def columns(pairs: list[tuple[str, str | None]]) -> tuple[list[str], list[str | None]]:
    return [gold for gold, _ in pairs], [answer for _, answer in pairs]


def calibration_error_of(answers: list[tuple[float, bool]]) -> float:
    return calibration_error(
        calibration_bins([confidence for confidence, _ in answers], [right for _, right in answers])
    )
