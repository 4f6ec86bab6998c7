"""A command's run while the store comes and goes."""

import logging
from collections.abc import Callable

import pytest

from sentiment_core.ports import Tracker, TrackingError
from sentiment_core.testing import InMemoryTracker, ManualClock
from sentiment_core.tracking import RunRecord
from sentiment_core.tracking.record import PAUSE


def begin(tracker: Tracker) -> None:
    tracker.start("train", {"seed": "1"})


def loss(step: int) -> Callable[[Tracker], None]:
    return lambda tracker: tracker.log({"loss": 1 / step}, step)


def refuse(tracker: Tracker) -> None:
    raise TrackingError("The bucket is away.")


def test_entries_arrive_in_order_and_at_once_and_the_run_ends_with_the_block() -> None:
    tracker = InMemoryTracker()
    with RunRecord(tracker, ManualClock()) as record:
        record.add(begin)
        record.add(loss(1))
        assert tracker.runs[0].figures == {1: {"loss": 1.0}}
        assert tracker.runs[0].ended is None

    assert tracker.runs[0].ended == "finished"


def test_a_block_that_is_left_by_an_exception_ends_a_failed_run() -> None:
    tracker = InMemoryTracker()

    def interrupted() -> None:
        with RunRecord(tracker, ManualClock()) as record:
            record.add(begin)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert tracker.runs[0].ended == "failed"


def test_what_was_said_while_the_store_was_away_arrives_when_it_is_back() -> None:
    tracker, clock = InMemoryTracker(), ManualClock()
    tracker.away = True
    with RunRecord(tracker, clock) as record:
        record.add(begin)
        record.add(loss(1))
        tracker.away = False
        clock.advance(PAUSE)
        record.add(loss(2))
        assert tracker.runs[0].figures == {1: {"loss": 1.0}, 2: {"loss": 0.5}}


def test_a_store_that_is_away_is_asked_once_a_pause_and_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[Tracker] = []
    clock = ManualClock()

    def away(tracker: Tracker) -> None:
        asked.append(tracker)
        raise OSError("connection refused")

    with caplog.at_level(logging.WARNING), RunRecord(InMemoryTracker(), clock) as record:
        record.add(away)
        for step in range(1, 100):
            record.add(loss(step))
        assert len(asked) == 1
        clock.advance(PAUSE)
        record.add(loss(100))
        assert len(asked) == 2
        assert [each.message for each in caplog.records] == [
            "The tracking store is away; this goes on without it: connection refused"
        ]


def test_at_the_end_one_entry_that_is_refused_keeps_none_of_the_others_back(caplog: pytest.LogCaptureFixture) -> None:
    tracker = InMemoryTracker()
    with RunRecord(tracker, ManualClock()) as record:
        record.add(begin)
        record.add(refuse)
        record.add(loss(1))

    assert (tracker.runs[0].figures, tracker.runs[0].ended) == ({1: {"loss": 1.0}}, "finished")
    assert caplog.records[-1].message == "The tracking store did not take 1 of this run's entries."


def test_without_a_tracker_nothing_is_recorded() -> None:
    with RunRecord(None, ManualClock()) as record:
        record.add(refuse)
