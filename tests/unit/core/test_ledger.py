"""What the ledger holds against the budget, whatever happens to its store, to the day and to the process."""

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_core.ledger import Ledger
from sentiment_core.metric_names import BUDGET_USED_RATIO, SPEND_STORE_FAILURES
from sentiment_core.testing import InMemorySpendStore, ManualClock, RecordingMetrics, run_virtually

NOON = 43_200.0
DAY = 86_400.0


class Service:
    """A ledger of one dollar a day, on virtual time, whose calendar stands still unless a test moves it."""

    def __init__(self, store: InMemorySpendStore, limit_usd: float = 1.0) -> None:
        self.store = store
        self.metrics = RecordingMetrics()
        self.calendar = ManualClock(NOON)
        self.ledger = Ledger(
            store, metrics=self.metrics, wall_clock=self.calendar, sleep=asyncio.sleep, limit_usd=limit_usd
        )


def test_a_budget_is_spent_at_its_limit() -> None:
    ledger = Service(InMemorySpendStore()).ledger
    ledger.charge(999_999)
    assert not ledger.spent

    ledger.charge(1)

    assert ledger.spent


def test_a_budget_is_more_than_nothing() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Service(InMemorySpendStore(), limit_usd=0)


def test_a_restart_does_not_forget() -> None:
    async def run() -> bool:
        store = InMemorySpendStore()
        before = Service(store).ledger
        await before.start()
        before.charge(1_000_000)
        await before.stop()
        after = Service(store).ledger
        await after.start()
        return after.spent

    assert run_virtually(run())


def test_a_killed_process_has_lost_a_second_at_most() -> None:
    async def run() -> int:
        service = Service(InMemorySpendStore())
        await service.ledger.start()
        service.ledger.charge(300)
        await asyncio.sleep(1.001)
        return service.store.sums["1970-01-01"]

    assert run_virtually(run()) == 300


def test_replicas_spend_from_one_budget() -> None:
    async def run() -> bool:
        store = InMemorySpendStore()
        one, other = Service(store).ledger, Service(store).ledger
        await one.start()
        await other.start()
        one.charge(600_000)
        other.charge(400_000)
        await asyncio.sleep(2.001)
        return one.spent and other.spent

    assert run_virtually(run())


def test_a_new_utc_day_has_a_new_budget_and_each_day_keeps_its_own_sum() -> None:
    async def run() -> dict[str, int]:
        service = Service(InMemorySpendStore())
        await service.ledger.start()
        service.ledger.charge(1_000_000)
        service.calendar.advance(DAY / 2)
        assert not service.ledger.spent
        service.ledger.charge(7)
        await service.ledger.stop()
        return service.store.sums

    assert run_virtually(run()) == {"1970-01-01": 1_000_000, "1970-01-02": 7}


def test_while_the_store_is_away_spending_is_kept_in_memory_and_written_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> Service:
        service = Service(InMemorySpendStore())
        service.store.away = True
        await service.ledger.start()
        service.ledger.charge(1_000_000)
        await asyncio.sleep(2.5)
        assert service.ledger.spent
        service.store.away = False
        await asyncio.sleep(1)
        return service

    with caplog.at_level(logging.WARNING):
        service = run_virtually(run())

    assert service.store.sums["1970-01-01"] == 1_000_000
    assert service.metrics.value(SPEND_STORE_FAILURES) == 3
    assert len(caplog.records) == 1


def test_no_caller_waits_for_a_store_that_hangs() -> None:
    async def run() -> bool:
        service = Service(InMemorySpendStore())
        await service.ledger.start()
        service.store.add = lambda *_: asyncio.sleep(3600, 0)  # type: ignore[method-assign]
        await asyncio.sleep(2)
        service.ledger.charge(1_000_000)
        return service.ledger.spent

    assert run_virtually(run())


def test_the_share_that_is_spent_can_be_read_as_a_metric() -> None:
    service = Service(InMemorySpendStore())

    service.ledger.charge(250_000)

    assert service.metrics.value(BUDGET_USED_RATIO) == 0.25


HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), st.integers(1, 10_000)),
        st.tuples(st.just("wait"), st.integers(0, 3)),
        st.tuples(st.just("calendar"), st.sampled_from([600, int(DAY)])),
        st.tuples(st.just("away"), st.integers(0, 1)),
    ),
    max_size=40,
)


@given(HAPPENINGS)
@settings(deadline=None)
def test_whatever_happens_every_charge_is_kept_once_on_its_day(happenings: list[tuple[str, int]]) -> None:
    async def run() -> tuple[dict[str, int], dict[str, int]]:
        service = Service(InMemorySpendStore(), limit_usd=0.005)
        await service.ledger.start()
        expected: dict[str, int] = {}
        for what, value in happenings:
            day = f"1970-01-{int(service.calendar() // DAY) + 1:02d}"
            if what == "charge":
                service.ledger.charge(value)
                expected[day] = expected.get(day, 0) + value
            elif what == "wait":
                await asyncio.sleep(value)
            elif what == "calendar" and service.calendar() < 28 * DAY:
                service.calendar.advance(value)
            elif what == "away":
                service.store.away = bool(value)
        today = f"1970-01-{int(service.calendar() // DAY) + 1:02d}"
        assert service.ledger.spent == (expected.get(today, 0) >= 5_000)
        service.store.away = False
        await service.ledger.stop()
        return expected, {day: sum_ for day, sum_ in service.store.sums.items() if sum_}

    expected, kept = run_virtually(run())

    assert kept == expected
