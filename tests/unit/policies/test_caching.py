"""What is kept and served. Who waits for whom is in unit/caching/test_flights.py."""

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.caches.memory import MemoryCache
from sentiment_core.errors import (
    AnalyzerUnavailableError,
    DeadlineExceededError,
    InvalidTextError,
    OverloadedError,
    ThrottledError,
)
from sentiment_core.metric_names import CACHE_FAILURES, CACHE_LOOKUPS
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics
from tests.strategies import ANALYSES_BY_TEXT

SENTIMENT = Options(frozenset({Feature.SENTIMENT}))


def memory(metrics: RecordingMetrics) -> MemoryCache:
    return MemoryCache(max_bytes=1_000_000, ttl=60, clock=time.monotonic, metrics=metrics)


def caching(inner: Analyzer) -> tuple[CachingAnalyzer, RecordingMetrics]:
    metrics = RecordingMetrics()
    return CachingAnalyzer(inner, memory(metrics), clock=time.monotonic, metrics=metrics), metrics


def asked(fake: FakeAnalyzer) -> list[list[str]]:
    return [[document.text for document in documents] for documents, _ in fake.calls]


async def test_what_was_answered_is_not_asked_again() -> None:
    fake = FakeAnalyzer()
    analyzer, metrics = caching(fake)
    first = await analyzer.analyze([Document("a"), Document("b")], Options())

    second = await analyzer.analyze([Document("b"), Document("c"), Document("a")], Options())

    assert asked(fake) == [["a", "b"], ["c"]]
    assert (second[2], second[0]) == tuple(first)
    assert metrics.value(CACHE_LOOKUPS, "hit") == 2
    assert metrics.value(CACHE_LOOKUPS, "miss") == 3


async def test_a_document_that_a_call_has_twice_is_asked_once() -> None:
    fake = FakeAnalyzer({"bad": InvalidTextError("No.")})
    analyzer, _ = caching(fake)

    outcomes = await analyzer.analyze([Document(text) for text in ("a", "bad", "a", "bad")], Options())

    assert asked(fake) == [["a", "bad"]]
    assert [isinstance(outcome, Analysis) for outcome in outcomes] == [True, False, True, False]


@pytest.mark.parametrize(
    "other",
    [
        (Document("Text", "en"), Options()),
        (Document("text", "fr"), Options()),
        (Document("text", "en"), SENTIMENT),
    ],
    ids=["text", "language", "features"],
)
async def test_another_question_is_asked(other: tuple[Document, Options]) -> None:
    fake = FakeAnalyzer()
    analyzer, _ = caching(fake)
    await analyzer.analyze([Document("text", "en")], Options())

    await analyzer.analyze([other[0]], other[1])

    assert len(fake.calls) == 2


@pytest.mark.parametrize("attribute", ["name", "model_version"])
async def test_another_analyzer_or_version_is_asked_and_the_former_one_is_remembered(attribute: str) -> None:
    fake = FakeAnalyzer()
    analyzer, _ = caching(fake)
    former = getattr(fake, attribute)
    first = await analyzer.analyze([Document("a")], Options())
    setattr(fake, attribute, "other")

    other = await analyzer.analyze([Document("a")], Options())
    setattr(fake, attribute, former)
    again = await analyzer.analyze([Document("a")], Options())

    assert len(fake.calls) == 2
    assert first == again != other


async def test_a_failure_is_not_kept() -> None:
    fake = FakeAnalyzer({"a": ThrottledError("Slow down.")})
    analyzer, _ = caching(fake)
    [failed] = await analyzer.analyze([Document("a")], Options())
    fake.script = {}

    [answered] = await analyzer.analyze([Document("a")], Options())

    assert isinstance(failed, ThrottledError)
    assert isinstance(answered, Analysis)


@pytest.mark.parametrize("secondary", ["secondary", "primary"], ids=["another", "one of the same name"])
async def test_a_fallback_s_answer_is_never_served_later_as_the_primary_s(secondary: str) -> None:
    primary = FakeAnalyzer({"a": ThrottledError("Slow down.")}, name="primary")
    fallback = FallbackAnalyzer(
        primary, FakeAnalyzer(name=secondary), reserve=0.5, clock=time.monotonic, metrics=RecordingMetrics()
    )
    analyzer, _ = caching(fallback)
    [degraded] = await analyzer.analyze([Document("a")], Options())
    primary.script = {}

    [own] = await analyzer.analyze([Document("a")], Options())
    [cached] = await analyzer.analyze([Document("a")], Options())

    assert isinstance(degraded, Analysis)
    assert isinstance(own, Analysis)
    assert (degraded.degraded, own.degraded, own.analyzer) == (True, False, "primary")
    assert cached == own
    assert len(primary.calls) == 2


async def test_an_answer_of_a_version_that_came_in_meanwhile_is_not_kept_as_the_former_one_s() -> None:
    async def swap() -> None:
        fake.model_version = "2"

    fake = FakeAnalyzer(model_version="1", before=swap)
    analyzer, _ = caching(fake)
    await analyzer.analyze([Document("a")], Options())
    fake.model_version = "1"

    await analyzer.analyze([Document("a")], Options())

    assert len(fake.calls) == 2


@given(
    answers=ANALYSES_BY_TEXT,
    failing=st.sets(st.integers(0, 5)),
    calls=st.lists(st.tuples(st.lists(st.integers(0, 5), max_size=8), st.sets(st.sampled_from(Feature))), max_size=5),
)
def test_caching_changes_no_answer(
    answers: dict[str, Analysis], failing: set[int], calls: list[tuple[list[int], set[Feature]]]
) -> None:
    """Whatever the order, duplicates within a call, failures among the answers, and features."""
    texts = list(answers)
    script: dict[str, Outcome] = dict(answers)
    script |= {text: AnalyzerUnavailableError(text) for index, text in enumerate(texts) if index in failing}

    async def outcomes(analyzer: Analyzer) -> list[list[Outcome]]:
        return [
            await analyzer.analyze([Document(texts[i % len(texts)]) for i in call], Options(frozenset(features)))
            for call, features in calls
        ]

    plain = asyncio.run(outcomes(FakeAnalyzer(script)))

    assert asyncio.run(outcomes(caching(FakeAnalyzer(script))[0])) == plain


def cut(value: bytes) -> bytes:
    return value[: len(value) // 2]


def flipped(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


@pytest.mark.parametrize(
    "damage", [cut, flipped, lambda _: b"", lambda _: b"\x00" * 40], ids=["cut", "flipped", "empty", "zeros"]
)
async def test_a_damaged_or_foreign_value_is_a_miss_that_is_counted_and_replaced(
    damage: Callable[[bytes], bytes],
) -> None:
    fake, metrics = FakeAnalyzer(), RecordingMetrics()
    cache = memory(metrics)
    analyzer = CachingAnalyzer(fake, cache, clock=time.monotonic, metrics=metrics)
    expected = await analyzer.analyze([Document("a")], Options())
    [key] = cache._entries
    [value] = await cache.get_many([key])
    assert value
    await cache.set_many({key: damage(value)})

    assert await analyzer.analyze([Document("a")], Options()) == expected
    assert metrics.value(CACHE_FAILURES, "decode") == 1
    assert await cache.get_many([key]) == [value]


async def test_closing_it_closes_the_analyzer() -> None:
    fake = FakeAnalyzer()
    analyzer, _ = caching(fake)

    await analyzer.aclose()

    assert fake.closed


async def test_what_is_kept_is_no_answer_when_the_deadline_has_passed() -> None:
    analyzer, metrics = caching(FakeAnalyzer())
    await analyzer.analyze([Document("a")], Options())

    [outcome] = await analyzer.analyze([Document("a")], Options(deadline=time.monotonic()))

    assert isinstance(outcome, DeadlineExceededError)
    assert metrics.value(CACHE_LOOKUPS, "hit") == 0


async def test_while_the_analyzer_is_full_what_is_cached_or_under_way_is_answered_and_the_rest_refused_at_once() -> (
    None
):
    """The refusal is there before the event loop turns."""
    gate = asyncio.Event()
    fake = FakeAnalyzer(before=gate.wait)
    metrics = RecordingMetrics()
    admission = AdmissionAnalyzer(fake, max_documents=2, metrics=metrics)
    analyzer = CachingAnalyzer(
        admission, memory(metrics), clock=time.monotonic, metrics=metrics, is_full=lambda: admission.full
    )
    gate.set()
    await analyzer.analyze([Document("cached")], Options())
    gate.clear()
    inside = [asyncio.create_task(analyzer.analyze([Document(text)], Options())) for text in "ab"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert admission.full
    joined = asyncio.create_task(analyzer.analyze([Document("a")], Options()))

    with pytest.raises(StopIteration) as at_once:
        analyzer.analyze([Document("cached"), Document("c")], Options()).send(None)

    hit, refused = at_once.value.value
    assert isinstance(hit, Analysis)
    assert isinstance(refused, OverloadedError)
    gate.set()
    assert all(isinstance(outcome, Analysis) for [outcome] in await asyncio.gather(*inside, joined))
    assert asked(fake) == [["cached"], ["a"], ["b"]]
