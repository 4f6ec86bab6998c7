import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.errors import DeadlineExceededError, ThrottledError
from sentiment_core.metric_names import BATCH_SIZE, QUEUE_DEPTH
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome, SentimentType
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features, by_language_and_features
from sentiment_core.testing import FakeAnalyzer, ManualClock, RecordingMetrics, fake_analysis


class Held(FakeAnalyzer):
    """Holds every call back until ``release``."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, before=self._wait, **kwargs)  # type: ignore[arg-type]
        self._released = asyncio.Event()

    async def _wait(self) -> None:
        await self._released.wait()

    def release(self) -> None:
        self._released.set()


def coalescing(
    inner: FakeAnalyzer,
    *,
    max_documents: int = 25,
    max_concurrent: int = 1,
    by_language: bool = False,
    min_documents: int | None = None,
) -> tuple[CoalescingAnalyzer, RecordingMetrics]:
    metrics = RecordingMetrics()
    analyzer = CoalescingAnalyzer(
        inner,
        max_documents=max_documents,
        max_concurrent=max_concurrent,
        key=by_language_and_features if by_language else by_features,
        metrics=metrics,
        clock=ManualClock(),
        min_documents=min_documents,
    )
    return analyzer, metrics


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def batches(fake: FakeAnalyzer) -> list[list[str]]:
    return [[document.text for document in documents] for documents, _ in fake.calls]


async def test_what_queued_while_a_batch_was_under_way_forms_the_next_one() -> None:
    fake = Held()
    analyzer, metrics = coalescing(fake)
    calls = [asyncio.create_task(analyzer.analyze([Document("a")], Options()))]
    await settle()
    calls += [asyncio.create_task(analyzer.analyze([Document(text)], Options())) for text in "bcd"]
    await settle()
    assert metrics.value(QUEUE_DEPTH, "fake") == 3
    fake.release()

    outcomes = await asyncio.gather(*calls)

    assert batches(fake) == [["a"], ["b", "c", "d"]]
    assert all(isinstance(outcome, Analysis) for [outcome] in outcomes)
    assert metrics.value(QUEUE_DEPTH, "fake") == 0
    assert metrics.observations(BATCH_SIZE, "fake") == [1, 3]


async def test_callers_who_arrive_together_share_a_batch_though_nothing_is_busy() -> None:
    fake = FakeAnalyzer()
    analyzer, _ = coalescing(fake, max_concurrent=4)

    await asyncio.gather(*(analyzer.analyze([Document(text)], Options()) for text in "abcd"))

    assert batches(fake) == [["a", "b", "c", "d"]]


async def test_a_lone_call_waits_for_nobody() -> None:
    fake = FakeAnalyzer()
    analyzer, _ = coalescing(fake)

    await analyzer.analyze([Document("a")], Options())

    assert batches(fake) == [["a"]]


async def test_at_most_so_many_batches_of_at_most_so_many_documents_are_under_way() -> None:
    fake = Held()
    analyzer, _ = coalescing(fake, max_documents=2, max_concurrent=3)
    call = asyncio.create_task(analyzer.analyze([Document(text) for text in "abcdefgh"], Options()))
    await settle()

    assert batches(fake) == [["a", "b"], ["c", "d"], ["e", "f"]]

    fake.release()
    await call
    assert batches(fake)[3:] == [["g", "h"]]


@pytest.mark.parametrize(
    ("documents", "places", "sizes"),
    [
        (3, 4, [3]),
        (4, 4, [4]),
        (5, 4, [3, 2]),
        (12, 4, [4, 4, 4]),
        (16, 4, [4, 4, 4, 4]),
        (22, 4, [6, 6, 5, 5]),
        (22, 2, [10, 10]),  # the others wait
        (7, 1, [7]),
    ],
)
async def test_what_waits_is_spread_over_the_free_places(documents: int, places: int, sizes: list[int]) -> None:
    fake = Held()
    analyzer, _ = coalescing(fake, max_documents=10, max_concurrent=places, min_documents=4)
    calls = [asyncio.create_task(analyzer.analyze([Document(str(n))], Options())) for n in range(documents)]
    await settle()

    assert [len(batch) for batch in batches(fake)] == sizes

    fake.release()
    await asyncio.gather(*calls)
    assert sum(len(batch) for batch in batches(fake)) == documents


async def test_a_place_that_is_taken_is_not_spread_over() -> None:
    fake = Held()
    analyzer, _ = coalescing(fake, max_documents=10, max_concurrent=2, min_documents=2)
    calls = [asyncio.create_task(analyzer.analyze([Document("a")], Options()))]
    await settle()
    calls += [asyncio.create_task(analyzer.analyze([Document(text)], Options())) for text in "bcdefgh"]
    await settle()
    fake.release()
    await asyncio.gather(*calls)

    assert batches(fake) == [["a"], list("bcdefgh")]


@given(documents=st.integers(1, 80), places=st.integers(1, 8), least=st.integers(1, 10), most=st.integers(10, 25))
async def test_no_batch_is_small_beside_another_and_no_place_stays_free_while_one_is_large(
    documents: int, places: int, least: int, most: int
) -> None:
    fake = Held()
    analyzer, _ = coalescing(fake, max_documents=most, max_concurrent=places, min_documents=least)
    calls = [asyncio.create_task(analyzer.analyze([Document(str(n))], Options())) for n in range(documents)]
    await settle()
    sizes = [len(batch) for batch in batches(fake)]
    fake.release()
    await asyncio.gather(*calls)

    assert len(sizes) == 1 or min(sizes) >= least // 2
    assert len(sizes) == places or max(sizes) <= least


async def test_batches_are_of_one_language_and_one_set_of_features_where_that_is_asked() -> None:
    fake = Held()
    analyzer, _ = coalescing(fake, by_language=True)
    sentiment = Options(frozenset({Feature.SENTIMENT}))
    calls = [asyncio.create_task(analyzer.analyze([Document("a", "en"), Document("b", "fr")], Options()))]
    await settle()
    calls += [
        asyncio.create_task(analyzer.analyze([Document("c", "en"), Document("d", "fr")], Options())),
        asyncio.create_task(analyzer.analyze([Document("e", "en")], sentiment)),
    ]
    await settle()
    fake.release()
    await asyncio.gather(*calls)

    assert batches(fake) == [["a"], ["b", "d"], ["c"], ["e"]]
    assert all(len({document.language for document in documents}) == 1 for documents, _ in fake.calls)


async def test_a_caller_that_has_gone_away_is_never_handed_on() -> None:
    fake = Held()
    analyzer, _ = coalescing(fake)
    first = asyncio.create_task(analyzer.analyze([Document("a")], Options()))
    await settle()
    gone, last = (asyncio.create_task(analyzer.analyze([Document(text)], Options())) for text in "bc")
    await settle()
    gone.cancel()
    await settle()
    fake.release()
    await asyncio.gather(first, last)

    assert gone.cancelled()
    assert batches(fake) == [["a"], ["c"]]


async def test_each_caller_stops_waiting_at_its_own_deadline_and_the_batch_runs_to_the_latest() -> None:
    fake = Held()
    analyzer, _ = coalescing(fake)
    first = asyncio.create_task(analyzer.analyze([Document("a")], Options()))
    await settle()
    hurried = asyncio.create_task(analyzer.analyze([Document("b")], Options(deadline=30.0)))
    patient = asyncio.create_task(analyzer.analyze([Document("c")], Options(deadline=60.0)))
    impatient = asyncio.create_task(analyzer.analyze([Document("d")], Options(deadline=0.01)))
    [late] = await impatient
    fake.release()
    await asyncio.gather(first, hurried, patient)

    assert isinstance(late, DeadlineExceededError)
    assert batches(fake) == [["a"], ["b", "c"]]
    assert fake.calls[1][1].deadline == 60.0


async def test_a_deadline_that_has_passed_is_never_handed_on() -> None:
    fake = FakeAnalyzer()
    analyzer, _ = coalescing(fake)

    [outcome] = await analyzer.analyze([Document("a")], Options(deadline=0.0))

    assert isinstance(outcome, DeadlineExceededError)
    assert not fake.calls


async def test_a_bad_document_leaves_the_others_of_its_batch_alone() -> None:
    fake = Held({"bad": ThrottledError("Slow down.")})
    analyzer, _ = coalescing(fake)
    calls = [asyncio.create_task(analyzer.analyze([Document(text)], Options())) for text in ("a", "b", "bad", "c")]
    await settle()
    fake.release()

    kinds = [type(outcome) for [outcome] in await asyncio.gather(*calls)]

    assert kinds == [Analysis, Analysis, ThrottledError, Analysis]


async def test_a_bug_of_the_analyzer_reaches_every_caller_and_stops_nobody_after() -> None:
    fail = [True]

    async def before() -> None:
        if fail.pop():
            raise ZeroDivisionError

    fake = FakeAnalyzer(before=before)
    analyzer, _ = coalescing(fake)
    with pytest.raises(ZeroDivisionError):
        await analyzer.analyze([Document("a")], Options())
    fail.append(False)

    [outcome] = await analyzer.analyze([Document("b")], Options())

    assert isinstance(outcome, Analysis)


@given(
    st.lists(st.lists(st.sampled_from("pnxm"), min_size=1, max_size=6), max_size=12),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_coalescing_changes_no_answer_and_no_order(calls: list[list[str]], size: int, concurrent: int) -> None:
    script: dict[str, Outcome] = {
        "p": fake_analysis(SentimentType.POSITIVE),
        "n": fake_analysis(SentimentType.NEGATIVE),
        "m": fake_analysis(SentimentType.MIXED),
        "x": ThrottledError("Slow down."),
    }

    async def ask(make: Callable[[FakeAnalyzer], object]) -> list[list[Outcome]]:
        analyzer = make(FakeAnalyzer(script, before=lambda: asyncio.sleep(0)))
        asked: list[Awaitable[list[Outcome]]] = [
            analyzer.analyze([Document(text) for text in texts], Options())  # type: ignore[attr-defined]
            for texts in calls
        ]
        return list(await asyncio.gather(*asked))

    plain = asyncio.run(ask(lambda fake: fake))
    shared = asyncio.run(ask(lambda fake: coalescing(fake, max_documents=size, max_concurrent=concurrent)[0]))

    assert plain == shared
