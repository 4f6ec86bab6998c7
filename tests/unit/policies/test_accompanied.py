"""What begins with an analyzer's first call, and in which order it ends."""

import asyncio
from collections.abc import Sequence

from sentiment_core.ledger import Ledger
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.accompanied import AccompaniedAnalyzer
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.probing import GoldenProbe
from sentiment_core.testing import FakeAnalyzer, InMemorySpendStore, RecordingMetrics, run_virtually

MILLION = 1_000_000


class Paid(FakeAnalyzer):
    """Charges a dollar for each call, and another when it is closed."""

    ledger: Ledger

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        self.ledger.charge(MILLION)
        return await super().analyze(documents, options)

    async def aclose(self) -> None:
        self.ledger.charge(MILLION)
        await super().aclose()


class Opened:
    """An analyzer that has a budget of a dollar and is probed itself, as a user of the library gets it."""

    def __init__(self, store: InMemorySpendStore) -> None:
        metrics, clock = RecordingMetrics(), asyncio.get_running_loop().time
        self.paid, self.standby = Paid(), FakeAnalyzer()
        ledger = Ledger(store, metrics=metrics, wall_clock=clock, sleep=asyncio.sleep, limit_usd=1.0)
        self.paid.ledger = ledger
        self.analyzer = AccompaniedAnalyzer(
            BudgetAnalyzer(self.paid, ledger=ledger, metrics=metrics),
            around=[ledger],
            beside=[GoldenProbe(self.standby, metrics, clock=clock)],
        )

    async def ask(self) -> Outcome:
        [outcome] = await self.analyzer.analyze([Document("text")], Options())
        return outcome


def test_the_first_call_knows_what_was_spent_by_an_earlier_process_and_what_closing_costs_is_written_down() -> None:
    async def main() -> None:
        store = InMemorySpendStore()
        first = Opened(store)
        assert isinstance(await first.ask(), Analysis)
        await first.analyzer.aclose()
        assert store.sums == {"1970-01-01": 2 * MILLION}

        second = Opened(store)
        await asyncio.gather(*(second.ask() for _ in range(3)))

        assert second.paid.calls == []
        await second.analyzer.aclose()

    run_virtually(main())


def test_the_probe_runs_from_the_first_call_to_the_closing() -> None:
    async def main() -> None:
        opened = Opened(InMemorySpendStore())
        await asyncio.sleep(60)
        assert opened.standby.calls == []
        await opened.ask()
        await asyncio.sleep(15)
        assert len(opened.standby.calls) == 2
        await opened.analyzer.aclose()
        await opened.analyzer.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(main())


class Diary:
    """A companion, or an analyzer, that writes down when it begins and ends."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self._name = name
        self._lines = lines

    async def start(self) -> None:
        await asyncio.sleep(1)
        self._lines.append(f"{self._name} begins")

    async def stop(self) -> None:
        self._lines.append(f"{self._name} ends")


def test_companions_begin_in_order_and_end_in_the_opposite_one_round_the_analyzer() -> None:
    lines: list[str] = []

    class Inner(FakeAnalyzer):
        async def aclose(self) -> None:
            lines.append("the analyzer is closed")

    async def main() -> None:
        around, first, second = (Diary(name, lines) for name in ("around", "first", "second"))
        analyzer = AccompaniedAnalyzer(Inner(), around=[around], beside=[first, second])
        await analyzer.start()
        await analyzer.aclose()

    run_virtually(main())
    assert lines == [
        *("around begins", "first begins", "second begins"),
        *("second ends", "first ends", "the analyzer is closed", "around ends"),
    ]


def test_what_was_never_asked_began_nothing_and_is_closed() -> None:
    async def main() -> None:
        store = InMemorySpendStore()
        opened = Opened(store)
        await opened.analyzer.aclose()
        assert opened.paid.closed
        assert store.sums == {}

    run_virtually(main())


def test_a_server_starts_it_beforehand_and_once() -> None:
    async def main() -> None:
        opened = Opened(InMemorySpendStore())
        await opened.analyzer.start()
        await opened.analyzer.start()
        await asyncio.sleep(1)
        assert len(opened.standby.calls) == 1
        await opened.ask()
        assert len(opened.standby.calls) == 1
        await opened.analyzer.aclose()

    run_virtually(main())
