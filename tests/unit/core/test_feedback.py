"""Verdicts: taken, counted once, forgotten in time."""

import asyncio
import os

import pytest

from sentiment_core.errors import (
    FeedbackUnavailableError,
    InvalidAnswerIdError,
    InvalidTextError,
    TextTooLongError,
)
from sentiment_core.feedback.accuracy import Tally, tally
from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.feedback.verdict import Feedback, Prediction
from sentiment_core.metric_names import (
    FEEDBACK_COUNT,
    FEEDBACK_LANGUAGE_COUNT,
    FEEDBACK_SENTIMENT_COUNT,
    FEEDBACK_STORE_FAILURES,
)
from sentiment_core.models import SentimentType
from sentiment_core.testing import InMemoryFeedbackStore, RecordingMetrics, fake_analysis, run_virtually
from sentiment_core.tracking import TrackingWindow

NOW = 1_800_000_000.0
DAY = 86_400.0
IDS = AnswerIds(bytes(32), wall_clock=lambda: NOW, entropy=os.urandom)
SAID_GOOD = fake_analysis(SentimentType.POSITIVE, language="de", analyzer="sentiment", model_version="sentiment/3")
GOOD, BAD = SentimentType.POSITIVE, SentimentType.NEGATIVE


class Desk:
    """An intake on doubles."""

    def __init__(self, days: int = 0) -> None:
        self.store = InMemoryFeedbackStore()
        self.metrics = RecordingMetrics()
        self.window = TrackingWindow()
        self.started = 0.0
        self.intake = FeedbackIntake(
            IDS,
            self.store,
            days=days,
            metrics=self.metrics,
            window=self.window,
            wall_clock=self._now,
            sleep=asyncio.sleep,
        )

    def _now(self) -> float:
        return NOW + asyncio.get_running_loop().time() - self.started


def take(desk: Desk, *verdicts: tuple[str, SentimentType]) -> None:
    async def run() -> None:
        for id_, label in verdicts:
            await desk.intake.take(id_, label)

    run_virtually(run())


def test_a_verdict_is_kept_with_what_the_id_says_and_no_text() -> None:
    desk, id_ = Desk(), IDS.issue(SAID_GOOD)

    take(desk, (id_, BAD))

    said = Prediction(int(NOW), GOOD, 0.97, "de", "sentiment", "sentiment/3")
    assert desk.store.kept == {id_: Feedback(id_, said, BAD, NOW, None)}
    assert not desk.store.kept[id_].right


def test_verdicts_are_counted_so_that_accuracy_is_a_ratio() -> None:
    desk = Desk()

    take(desk, (IDS.issue(SAID_GOOD), BAD), *((IDS.issue(SAID_GOOD), GOOD) for _ in range(3)))

    assert desk.metrics.value(FEEDBACK_COUNT, "sentiment", "sentiment/3", "right") == 3
    assert desk.metrics.value(FEEDBACK_COUNT, "sentiment", "sentiment/3", "wrong") == 1
    assert desk.metrics.value(FEEDBACK_LANGUAGE_COUNT, "de", "right") == 3
    assert desk.metrics.value(FEEDBACK_SENTIMENT_COUNT, "POSITIVE", "NEGATIVE") == 1
    assert desk.window.take() == {"feedback": 4, "feedback_accuracy": 0.75}


def test_a_second_verdict_replaces_the_first_and_is_counted_no_more() -> None:
    desk, id_ = Desk(), IDS.issue(SAID_GOOD)

    take(desk, (id_, BAD), (id_, BAD), (id_, GOOD))

    assert desk.store.kept[id_].right
    assert desk.metrics.value(FEEDBACK_COUNT, "sentiment", "sentiment/3", "wrong") == 1
    assert desk.metrics.value(FEEDBACK_COUNT, "sentiment", "sentiment/3", "right") == 0


def test_what_names_no_answer_leaves_no_trace() -> None:
    desk = Desk()

    with pytest.raises(InvalidAnswerIdError):
        take(desk, ("no id", BAD))

    assert desk.store.kept == {}
    assert desk.window.take() == {}


@pytest.mark.parametrize(
    ("text", "error"), [("", InvalidTextError), ("\ud800", InvalidTextError), ("x" * 100_001, TextTooLongError)]
)
def test_a_text_that_could_not_be_analyzed_is_refused(text: str, error: type[Exception]) -> None:
    desk = Desk()

    with pytest.raises(error):
        run_virtually(desk.intake.take(IDS.issue(SAID_GOOD), BAD, text))

    assert desk.store.kept == {}


def test_a_store_that_is_away_is_said_and_counted_and_the_verdict_is_not() -> None:
    desk = Desk()
    desk.store.away = True

    with pytest.raises(FeedbackUnavailableError):
        take(desk, (IDS.issue(SAID_GOOD), BAD))

    assert desk.metrics.value(FEEDBACK_STORE_FAILURES) == 1
    assert desk.window.take() == {}


def test_verdicts_are_deleted_when_their_days_are_over_even_if_the_store_was_away_for_a_while() -> None:
    desk, id_ = Desk(days=30), IDS.issue(SAID_GOOD)

    async def run() -> list[int]:
        kept = []
        await desk.intake.take(id_, BAD)
        desk.intake.start()
        for days in (29, 2):
            await asyncio.sleep(days * DAY)
            kept.append(len(desk.store.kept))
            desk.store.away = True
            await asyncio.sleep(DAY / 2)
            desk.store.away = False
        await desk.intake.stop()
        return kept

    assert run_virtually(run()) == [1, 0]
    assert desk.store.closed
    assert desk.metrics.value(FEEDBACK_STORE_FAILURES) > 0


def test_without_a_number_of_days_they_are_kept() -> None:
    desk = Desk(days=0)

    async def run() -> None:
        await desk.intake.take(IDS.issue(SAID_GOOD), BAD)
        desk.intake.start()
        await asyncio.sleep(90 * DAY)
        await desk.intake.stop()

    run_virtually(run())
    assert len(desk.store.kept) == 1


def test_accuracy_is_told_by_version_and_language() -> None:
    def verdict(version: str, language: str, label: SentimentType) -> Feedback:
        return Feedback("id", Prediction(0, GOOD, 0.9, language, "sentiment", version), label, 0.0)

    verdicts = [verdict("b", "en", GOOD), verdict("a", "fr", BAD), verdict("b", "en", BAD), verdict("a", "en", GOOD)]

    assert tally(verdicts) == [
        Tally("sentiment", "a", "en", 1, 1),
        Tally("sentiment", "a", "fr", 1, 0),
        Tally("sentiment", "b", "en", 2, 1),
    ]
    assert [each.accuracy for each in tally(verdicts)] == [1, 0, 0.5]
