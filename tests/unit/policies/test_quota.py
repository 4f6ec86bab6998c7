import asyncio
from collections.abc import Sequence

import pytest

from sentiment_core.errors import OverQuotaError, ThrottledError
from sentiment_core.metric_names import QUOTA_RATE, QUOTA_WAIT_SECONDS
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.resilience import Pacer, RecentTimes
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually

ONE = [Document("a")]
TWO = [Document("b"), Document("c")]


class Upstream(FakeAnalyzer):
    """Notes when it is called; to be made in virtual time."""

    def __init__(self, script: dict[str, Outcome] | None = None) -> None:
        super().__init__(script)
        self.clock = asyncio.get_running_loop().time
        self.times: list[float] = []
        self.metrics = RecordingMetrics()
        self.recent = RecentTimes()
        self.quota = QuotaAnalyzer(
            self,
            "sentiment",
            single=Pacer(20, self.clock),
            batch=Pacer(10, self.clock),
            times=self.recent,
            metrics=self.metrics,
            clock=self.clock,
            sleep=asyncio.sleep,
        )

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        self.times.append(self.clock())
        return await super().analyze(documents, options)


def test_calls_of_a_kind_are_made_evenly_apart_at_its_rate() -> None:
    async def run(documents: list[Document]) -> list[float]:
        upstream = Upstream()
        await asyncio.gather(*(upstream.quota.analyze(documents, Options()) for _ in range(5)))
        return upstream.times

    assert run_virtually(run(ONE)) == pytest.approx([0, 0.05, 0.10, 0.15, 0.20])
    assert run_virtually(run(TWO)) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_a_lone_document_does_not_wait_for_batches() -> None:
    async def run() -> tuple[list[tuple[int, float]], list[float]]:
        upstream = Upstream()
        await asyncio.gather(*(upstream.quota.analyze(documents, Options()) for documents in (TWO, TWO, TWO, ONE)))
        sizes = [len(documents) for documents, _ in upstream.calls]
        return list(zip(sizes, upstream.times, strict=True)), [
            upstream.metrics.value(QUOTA_WAIT_SECONDS, "sentiment", kind) for kind in ("single", "batch")
        ]

    calls, waits = run_virtually(run())

    assert calls[:2] == [(2, 0), (1, 0)]
    assert waits == pytest.approx([0, 0.3])


def test_a_call_whose_turn_comes_after_its_deadline_is_not_sent_and_takes_nobodys_turn() -> None:
    async def run() -> tuple[list[Outcome], float, list[float]]:
        upstream = Upstream()
        calls = [asyncio.create_task(upstream.quota.analyze(TWO, Options())) for _ in range(3)]
        await asyncio.sleep(0)
        refused = await upstream.quota.analyze(TWO, Options(deadline=0.3))
        at = upstream.clock()
        calls.append(asyncio.create_task(upstream.quota.analyze(TWO, Options())))
        await asyncio.gather(*calls)
        return refused, at, upstream.times

    refused, at, times = run_virtually(run())

    assert [type(outcome) for outcome in refused] == [OverQuotaError] * 2
    assert at == 0
    assert times == pytest.approx([0, 0.1, 0.2, 0.3])


def test_throttling_halves_the_rate_of_that_kind_and_calm_brings_it_back() -> None:
    async def run() -> list[list[float]]:
        upstream = Upstream({"b": ThrottledError("Slow down.")})

        def rates() -> list[float]:
            return [upstream.metrics.value(QUOTA_RATE, "sentiment", kind) for kind in ("single", "batch")]

        seen = [rates()]
        await upstream.quota.analyze(TWO, Options())
        seen.append(rates())
        await asyncio.sleep(2)
        await upstream.quota.analyze(ONE, Options())
        seen.append(rates())
        return seen

    assert run_virtually(run()) == [[20, 10], [20, 5], [20, 7]]


def test_a_call_within_the_quota_does_not_wait() -> None:
    async def run() -> tuple[list[Outcome], float]:
        upstream = Upstream()
        outcomes = await upstream.quota.analyze(ONE, Options(deadline=0.001))
        return outcomes, upstream.clock()

    [outcome], at = run_virtually(run())

    assert isinstance(outcome, Analysis)
    assert at == 0
