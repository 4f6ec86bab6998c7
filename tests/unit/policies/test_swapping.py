"""A call is answered by the analyzer that was there when it began, however calls, swaps and departures interleave."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.caches.memory import MemoryCache
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import ANALYZER_INFO, CACHE_LOOKUPS, MODEL_SWAPS
from sentiment_core.models import Analysis, Document, Options, Outcome, SentimentScore, top_sentiment
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.policies.swapping import SwappingAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually

LONG = "One sentence. " * 20


class Version(FakeAnalyzer):
    """The score of its answers is its number in thousandths: what an answer says shows who gave it."""

    def __init__(self, number: int, seconds: float = 0.5) -> None:
        super().__init__(name="sentiment", model_version=f"sentiment/{number}")
        self.number = number
        self.seconds = seconds
        self.under_way = 0
        self.closings = 0

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        assert not self.closed, "a call came after the last"
        self.under_way += 1
        try:
            await asyncio.sleep(self.seconds)
            return [self._scored(outcome) for outcome in await super().analyze(documents, options)]
        finally:
            self.under_way -= 1

    def _scored(self, outcome: Outcome) -> Outcome:
        assert isinstance(outcome, Analysis)
        share = self.number / 1000
        return replace(outcome, sentiment=top_sentiment(SentimentScore(1 - share, share, 0.0, 0.0)))

    async def aclose(self) -> None:
        assert not self.under_way, "it is closed under a call"
        self.closings += 1
        await asyncio.sleep(self.seconds)
        await super().aclose()


def number_of(analysis: Analysis) -> int:
    """The version that answered, after a look at that what it says is that version's."""
    number = int(analysis.model_version.partition("/")[2])
    assert analysis.sentiment is not None
    assert round(analysis.sentiment.scores.negative * 1000, 6) == number
    return number


CALLS = st.lists(
    st.tuples(
        st.integers(0, 20),  # when, in tenths of a second
        st.lists(st.sampled_from(["a", "b", LONG]), min_size=1, max_size=3),
        st.sampled_from([None, None, None, 0.1, 0.7]),  # after how long the caller goes away
    ),
    min_size=1,
    max_size=12,
)
SWAPS = st.lists(st.tuples(st.integers(0, 20), st.sampled_from([0.0, 0.2, 0.9])), max_size=6)


@given(CALLS, SWAPS)
def test_a_call_is_answered_by_the_version_that_it_found_and_each_is_closed_once_after_its_last_call(
    calls: list[tuple[int, list[str], float | None]], swaps: list[tuple[int, float]]
) -> None:
    async def main() -> None:
        versions = [Version(1)]
        swapping = SwappingAnalyzer(versions[0], metrics=RecordingMetrics())

        async def call(tenths: int, texts: list[str], patience: float | None) -> None:
            await asyncio.sleep(tenths / 10)
            found = versions[-1].number
            try:
                async with asyncio.timeout(patience):
                    outcomes = await swapping.analyze([Document(text) for text in texts], Options())
            except TimeoutError:
                return
            assert {number_of(outcome) for outcome in outcomes if isinstance(outcome, Analysis)} == {found}

        async def swap(tenths: int, seconds: float) -> None:
            await asyncio.sleep(tenths / 10)
            versions.append(Version(len(versions) + 1, seconds))
            swapping.swap(versions[-1])

        await asyncio.gather(*(call(*one) for one in calls), *(swap(*one) for one in swaps))
        await asyncio.sleep(10)
        assert [version.closings for version in versions] == [1] * len(swaps) + [0]
        await swapping.aclose()
        assert all(version.closed for version in versions)

    run_virtually(main())


@given(CALLS, SWAPS)
def test_behind_a_cache_and_before_splitting_and_batching_an_answer_is_of_one_version_and_kept_as_that(
    calls: list[tuple[int, list[str], float | None]], swaps: list[tuple[int, float]]
) -> None:
    """The answer to a long text is the mean of its segments: it would show a segment of another version."""

    async def main() -> None:
        clock, metrics = asyncio.get_running_loop().time, RecordingMetrics()

        def chain(number: int, seconds: float = 0.3) -> SplittingAnalyzer:
            queue = CoalescingAnalyzer(
                Version(number, seconds),
                max_documents=4,
                max_concurrent=2,
                key=by_features,
                metrics=metrics,
                clock=clock,
            )
            return SplittingAnalyzer(queue, 60)

        swapping = SwappingAnalyzer(chain(1), metrics=metrics)
        cache = MemoryCache(max_bytes=1_000_000, ttl=60, clock=clock, metrics=metrics)
        analyzer = CachingAnalyzer(swapping, cache, clock=clock, metrics=metrics)
        current = 1

        async def call(tenths: int, texts: list[str], patience: float | None) -> None:
            await asyncio.sleep(tenths / 10)
            found = current
            try:
                async with asyncio.timeout(patience):
                    outcomes = await analyzer.analyze([Document(text) for text in texts], Options())
            except TimeoutError:
                return
            assert {number_of(outcome) >= found for outcome in outcomes if isinstance(outcome, Analysis)} == {True}

        async def swap(tenths: int, seconds: float) -> None:
            nonlocal current
            await asyncio.sleep(tenths / 10)
            current += 1
            swapping.swap(chain(current, seconds))

        await asyncio.gather(*(call(*one) for one in calls), *(swap(*one) for one in swaps))
        await asyncio.sleep(10)
        for _ in range(2):
            [outcome] = await analyzer.analyze([Document("a")], Options())
            assert isinstance(outcome, Analysis)
            assert number_of(outcome) == current
        assert metrics.value(CACHE_LOOKUPS, "hit")
        await analyzer.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(main())


def test_name_and_version_are_those_of_the_one_that_answers_also_in_the_metrics() -> None:
    async def main() -> None:
        metrics = RecordingMetrics()
        swapping = SwappingAnalyzer(AnalyzerDecorator(Version(1)), metrics=metrics)
        outermost = AnalyzerDecorator(AnalyzerDecorator(swapping))
        assert (outermost.name, outermost.model_version) == ("sentiment", "sentiment/1")
        assert metrics.value(ANALYZER_INFO, "sentiment", "sentiment/1") == 1

        swapping.swap(Version(2))

        for analyzer in (swapping, outermost):
            assert (analyzer.name, analyzer.model_version) == ("sentiment", "sentiment/2")
        assert metrics.value(ANALYZER_INFO, "sentiment", "sentiment/1") == 0
        assert metrics.value(ANALYZER_INFO, "sentiment", "sentiment/2") == 1
        assert metrics.value(MODEL_SWAPS, "sentiment") == 1
        await swapping.aclose()

    run_virtually(main())


def test_a_look_at_whether_it_is_ready_is_a_call_as_well() -> None:
    async def main() -> None:
        class Slow(Version):
            async def ready(self) -> None:
                await asyncio.sleep(1)
                if self.closings:
                    raise AnalyzerUnavailableError("It has been closed meanwhile.")

        old = Slow(1)
        swapping = SwappingAnalyzer(old, metrics=RecordingMetrics())
        looking = asyncio.create_task(swapping.ready())
        await asyncio.sleep(0.5)
        swapping.swap(Version(2))
        await looking
        await swapping.ready()
        await asyncio.sleep(1)
        assert old.closed
        await swapping.aclose()

    run_virtually(main())


def test_closing_does_not_wait_for_the_calls_of_a_version_that_was_replaced() -> None:
    async def main() -> None:
        old, new = FakeAnalyzer(before=lambda: asyncio.sleep(3_600)), FakeAnalyzer()
        swapping = SwappingAnalyzer(old, metrics=RecordingMetrics())
        call = asyncio.create_task(swapping.analyze([Document("a")], Options()))
        await asyncio.sleep(1)
        swapping.swap(new)

        await swapping.aclose()

        assert (old.closed, new.closed) == (True, True)
        assert asyncio.get_running_loop().time() == 1.0
        call.cancel()

    run_virtually(main())
