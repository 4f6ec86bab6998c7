import asyncio
from collections.abc import Mapping

import pytest

from sentiment_core.errors import AnalyzerUnavailableError, InvalidReplyError, ThrottledError
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, fake_analysis

DOWN = AnalyzerUnavailableError("It is down.")
BROKEN = InvalidReplyError("It makes no sense.")
THROTTLED = ThrottledError("Slow down.")
A, B = Document("a"), Document("b")


def chains(
    sentiment: dict[str, Outcome] | None = None,
    entities: dict[str, Outcome] | None = None,
    key_phrases: dict[str, Outcome] | None = None,
) -> dict[Feature, FakeAnalyzer]:
    return {
        Feature.SENTIMENT: FakeAnalyzer(sentiment),
        Feature.ENTITIES: FakeAnalyzer(entities),
        Feature.KEY_PHRASES: FakeAnalyzer(key_phrases),
    }


def per_feature(fakes: Mapping[Feature, FakeAnalyzer], now: float = 0.0) -> PerFeatureAnalyzer:
    """Each fake behind a queue, as the paid analyzer's operations are."""

    def queue(fake: FakeAnalyzer) -> CoalescingAnalyzer:
        return CoalescingAnalyzer(
            fake, max_documents=25, max_concurrent=1, key=by_features, metrics=RecordingMetrics(), clock=lambda: now
        )

    return PerFeatureAnalyzer({feature: queue(fake) for feature, fake in fakes.items()}, lambda: now)


async def test_each_chain_is_asked_for_its_own_feature_and_the_parts_are_joined() -> None:
    fakes = chains()

    outcomes = await per_feature(fakes).analyze([A, B], Options(deadline=5.0))

    assert outcomes == [fake_analysis(), fake_analysis()]
    for feature, fake in fakes.items():
        assert fake.calls == [([A, B], Options(frozenset({feature}), 5.0))]


async def test_a_feature_that_is_not_wanted_is_neither_asked_for_nor_answered() -> None:
    fakes = chains()

    [outcome] = await per_feature(fakes).analyze([A], Options(frozenset({Feature.ENTITIES})))

    assert isinstance(outcome, Analysis)
    assert (outcome.sentiment, outcome.entities, outcome.key_phrases) == (None, (), None)
    assert not fakes[Feature.SENTIMENT].calls
    assert not fakes[Feature.KEY_PHRASES].calls


async def test_the_first_failure_in_comprehends_order_is_the_documents() -> None:
    fakes = chains(entities={"a": BROKEN}, key_phrases={"a": THROTTLED, "b": DOWN})

    outcomes = await per_feature(fakes).analyze([A, B, Document("c")], Options())

    assert outcomes == [BROKEN, DOWN, fake_analysis()]


async def test_chains_are_asked_all_at_once() -> None:
    barrier = asyncio.Barrier(3)
    fakes = {feature: FakeAnalyzer(before=barrier.wait) for feature in Feature}

    [outcome] = await per_feature(fakes).analyze([A], Options())

    assert isinstance(outcome, Analysis)


async def test_when_a_feature_has_failed_everywhere_the_others_are_given_up() -> None:
    given_up: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.append("sentiment")

    fakes = chains(entities={"a": DOWN, "b": DOWN})
    fakes[Feature.SENTIMENT].before = wait

    outcomes = await per_feature(fakes).analyze([A, B], Options())

    assert outcomes == [DOWN, DOWN]
    await asyncio.sleep(0)
    assert given_up == ["sentiment"]


async def test_a_caller_that_goes_away_ends_all_that_was_done_for_it() -> None:
    barrier = asyncio.Barrier(4)
    ended: list[str] = []

    async def wait() -> None:
        try:
            await barrier.wait()
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    fakes = {feature: FakeAnalyzer(before=wait) for feature in Feature}
    call = asyncio.create_task(per_feature(fakes).analyze([A], Options()))
    await barrier.wait()

    call.cancel()
    await asyncio.wait([call])

    assert ended == ["ended"] * 3


async def test_it_is_ready_when_all_chains_are_and_closes_them_all() -> None:
    fakes = chains()
    analyzer = per_feature(fakes)
    await analyzer.ready()
    fakes[Feature.KEY_PHRASES].unready = "no credentials"

    with pytest.raises(AnalyzerUnavailableError, match="no credentials"):
        await analyzer.ready()

    await analyzer.aclose()
    assert all(fake.closed for fake in fakes.values())
