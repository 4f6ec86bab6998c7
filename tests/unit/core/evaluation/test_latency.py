import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.evaluation import load_samples, measure_latency
from sentiment_core.evaluation.latency import LATENCY_TEXTS, percentile, timed_documents
from sentiment_core.examples import SentimentExample
from sentiment_core.models import ALL_FEATURES, SentimentType
from sentiment_core.testing import FakeAnalyzer, ManualClock
from sentiment_core.testing.datasets import InMemoryDataset

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=50)


def dataset(texts: int) -> InMemoryDataset:
    return InMemoryDataset(
        {
            (language, "test"): [
                SentimentExample(f"{language} {number}", SentimentType.NEUTRAL, "a", "open") for number in range(texts)
            ]
            for language in ("en", "fr")
        }
    )


def test_texts_are_timed_one_by_one_for_all_features_and_two_analyzers_take_turns() -> None:
    clock, order = ManualClock(), []

    def analyzer(name: str, seconds: float) -> FakeAnalyzer:
        async def takes() -> None:
            order.append(name)
            clock.advance(seconds)

        return FakeAnalyzer(name=name, before=takes)

    samples = load_samples(dataset(20), ["en", "fr"], "test")
    fast, slow = analyzer("fast", 0.01), analyzer("slow", 0.03)
    found = asyncio.run(measure_latency(samples, [fast, slow], clock=clock))

    assert [each.texts for each in found] == [4, 4]
    assert [each.p50 for each in found] == pytest.approx([0.01, 0.03])
    assert [each.p99 for each in found] == pytest.approx([0.01, 0.03])
    assert order == ["fast", "slow"] * 4
    assert {options.features for _, options in fast.calls} == {ALL_FEATURES}
    assert [documents[0].language for documents, _ in fast.calls] == ["en", "en", "fr", "fr"]


def test_a_tenth_of_the_texts_is_timed_and_no_more_than_the_99th_percentile_needs() -> None:
    assert len(timed_documents(load_samples(dataset(1), ["en"], "test"))) == 1
    assert len(timed_documents(load_samples(dataset(500), ["en", "fr"], "test"))) == 100
    assert len(timed_documents(load_samples(dataset(2_000), ["en", "fr"], "test"))) == LATENCY_TEXTS


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_the_least_value_that_the_share_does_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)

    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) <= share * len(values)


def test_without_values_a_percentile_is_0() -> None:
    assert percentile([], 0.5) == 0
