"""Who is let in. The overload is on virtual time, so its figures are the same at every run."""

import asyncio
import contextlib
import statistics
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import OverloadedError
from sentiment_core.metric_names import ADMITTED_DOCUMENTS, SHED_COUNT
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features
from sentiment_core.ports import Analyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually


def admission(fake: Analyzer, max_documents: int) -> tuple[AdmissionAnalyzer, RecordingMetrics]:
    metrics = RecordingMetrics()
    return AdmissionAnalyzer(fake, max_documents=max_documents, metrics=metrics), metrics


def slow(seconds: float = 1.0) -> FakeAnalyzer:
    return FakeAnalyzer(before=lambda: asyncio.sleep(seconds))


def documents(count: int) -> list[Document]:
    return [Document(str(number)) for number in range(count)]


def sizes(fake: FakeAnalyzer) -> list[int]:
    return [len(asked) for asked, _ in fake.calls]


def refused(outcomes: list[Outcome]) -> bool:
    """Whether the call was; none is in part."""
    kinds = {isinstance(outcome, OverloadedError) for outcome in outcomes}
    assert len(kinds) == 1
    return kinds.pop()


async def now() -> float:
    return asyncio.get_running_loop().time()


def test_the_call_that_finds_no_place_is_refused_at_once_and_the_others_are_answered() -> None:
    async def main() -> None:
        fake = slow()
        analyzer, metrics = admission(fake, 3)
        inside = [asyncio.create_task(analyzer.analyze(documents(1), Options())) for _ in range(3)]
        await asyncio.sleep(0.5)

        outcomes = await analyzer.analyze(documents(2), Options())

        assert await now() == 0.5
        assert refused(outcomes)
        assert len(outcomes) == metrics.value(SHED_COUNT, "fake") == 2
        assert not any(refused(answered) for answered in await asyncio.gather(*inside))
        assert sizes(fake) == [1, 1, 1]

    run_virtually(main())


def test_a_place_is_free_again_when_its_call_is_answered() -> None:
    async def main() -> None:
        analyzer, metrics = admission(slow(), 1)
        for _ in range(3):
            assert not refused(await analyzer.analyze(documents(1), Options()))
            assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 0

    run_virtually(main())


def test_a_caller_that_goes_away_frees_its_places() -> None:
    async def main() -> None:
        analyzer, metrics = admission(slow(), 4)
        gone = asyncio.create_task(analyzer.analyze(documents(100), Options()))
        await asyncio.sleep(0.5)
        assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 2
        gone.cancel()
        await asyncio.wait([gone])

        assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 0

    run_virtually(main())


def test_a_bug_further_in_frees_its_places() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async def main() -> None:
        analyzer, metrics = admission(FakeAnalyzer(before=broken), 4)
        with pytest.raises(ZeroDivisionError):
            await analyzer.analyze(documents(1), Options())

        assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 0

    run_virtually(main())


def test_a_batch_larger_than_the_service_goes_through_half_of_it_by_turns() -> None:
    async def main() -> None:
        fake = slow()
        analyzer, _ = admission(fake, 10)

        outcomes = await analyzer.analyze(documents(22), Options())

        assert len(outcomes) == 22
        assert not refused(outcomes)
        assert sizes(fake) == [5, 5, 5, 5, 2]

    run_virtually(main())


def test_single_documents_find_room_beside_batches() -> None:
    async def main() -> None:
        analyzer, metrics = admission(slow(), 16)
        batches = [asyncio.create_task(analyzer.analyze(documents(1_000), Options())) for _ in range(3)]
        await asyncio.sleep(0.5)
        assert metrics.value(ADMITTED_DOCUMENTS, "fake") == 8 + 4 + 2

        assert not refused(await analyzer.analyze(documents(1), Options()))

        for batch in batches:
            batch.cancel()
        await asyncio.wait(batches)

    run_virtually(main())


CALLS = st.lists(
    st.tuples(st.floats(0, 20), st.integers(0, 30), st.none() | st.floats(0, 10)),  # begins, documents, goes away
    max_size=30,
)


@given(calls=CALLS, limit=st.integers(1, 12))
def test_never_are_more_inside_than_allowed_and_nobody_else_is_refused(
    calls: list[tuple[float, int, float | None]], limit: int
) -> None:
    async def main() -> None:
        inside = 0

        class Counting(FakeAnalyzer):
            async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
                nonlocal inside
                inside += len(documents)
                try:
                    assert inside <= limit
                    return await super().analyze(documents, options)
                finally:
                    inside -= len(documents)

        analyzer, metrics = admission(Counting(before=lambda: asyncio.sleep(1)), limit)

        async def ask(size: int) -> None:
            full = inside == limit
            outcomes = await analyzer.analyze(documents(size), Options())
            assert len(outcomes) == size
            assert not size or refused(outcomes) == full

        async def call(begin: float, size: int, leaves: float | None) -> None:
            await asyncio.sleep(begin)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ask(size), leaves)

        await asyncio.gather(*(call(*one) for one in calls))
        assert inside == metrics.value(ADMITTED_DOCUMENTS, "fake") == 0

    run_virtually(main())


class Overload:
    """Four times what the service can do, for ``seconds``: batches of 10, 4 at once, 0.1 s each; 1 s of patience."""

    CAPACITY = 400.0

    def __init__(self, policy: Callable[[Analyzer], Analyzer], seconds: float = 10.0) -> None:
        self.latencies: list[float] = []
        self.refusals: list[float] = []
        self.late = 0
        self._policy = policy
        self._seconds = seconds
        run_virtually(self._main())

    async def _main(self) -> None:
        clock = asyncio.get_running_loop().time
        service = self._policy(
            CoalescingAnalyzer(
                slow(0.1), max_documents=10, max_concurrent=4, key=by_features, metrics=RecordingMetrics(), clock=clock
            )
        )
        callers = []
        for _ in range(int(4 * self.CAPACITY * self._seconds)):
            callers.append(asyncio.create_task(self._call(service)))
            await asyncio.sleep(1 / (4 * self.CAPACITY))
        await asyncio.gather(*callers)
        self.afterwards = await self._call(service)

    async def _call(self, service: Analyzer) -> float:
        begin = await now()
        [outcome] = await service.analyze([Document("text")], Options(deadline=begin + 1.0))
        seconds = await now() - begin
        if isinstance(outcome, Analysis):
            self.latencies.append(seconds)
        elif isinstance(outcome, OverloadedError):
            self.refusals.append(seconds)
        else:
            self.late += 1
        return seconds

    def goodput(self) -> float:
        """Documents answered in time, as a part of what the service could answer."""
        return len(self.latencies) / (self.CAPACITY * self._seconds)


def test_at_four_times_its_capacity_the_service_does_all_it_can_and_those_let_in_wait_for_one_turn() -> None:
    """Twice the unloaded latency at most; the others hear of it at once, and afterwards there is no residue.

    A hundredth may be later: those of the first moments, when batches are still small.
    """
    overload = Overload(lambda inner: admission(inner, 2 * 4 * 10)[0])

    assert overload.goodput() >= 0.99
    assert statistics.quantiles(overload.latencies, n=100)[-1] <= 2 * 0.1 + 1e-6
    assert set(overload.refusals) == {0.0}
    assert overload.late == 0
    assert overload.afterwards == pytest.approx(0.1)


def test_without_admission_most_answers_come_too_late() -> None:
    """What the policy is for; and the proof that this overload is one."""
    overload = Overload(lambda inner: inner)

    assert overload.goodput() < 0.2
    assert overload.late > 0.8 * 4 * 4_000
