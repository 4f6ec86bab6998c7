"""Shadow and canary as they are wired, with Comprehend (its stand-in, over HTTP) on either side."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from entrypoints.container import Container, build_container
from entrypoints.settings import Settings
from sentiment_core.drift import REFERENCE
from sentiment_core.ledger import MICRODOLLARS
from sentiment_core.metric_names import (
    ANALYZER_INFO,
    BILLED_UNITS,
    BUDGET_REFUSALS,
    CANARY_ANSWERS,
    CANARY_FAILURES,
    POPULATION_STABILITY_INDEX,
    SHADOW_FAILURES,
    SHADOW_LATENCY_SECONDS,
    SHADOW_SENTIMENTS,
)
from sentiment_core.model_folder import stage
from sentiment_core.models import Analysis, Document, Feature, Options, SentimentType
from sentiment_core.ports import ModelRegistry
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry, RecordingMetrics, fake_analysis
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import throttled
from tests.tiny_models import write_model
from tests.unit.core.drift.world import World

GREAT, DULL = Document("A great hotel in Oslo."), Document("A hotel in Oslo.")
SENTIMENT = Options(frozenset({Feature.SENTIMENT}))


@pytest.fixture
def comprehend(monkeypatch: pytest.MonkeyPatch) -> Iterator[ComprehendStandIn]:
    with ComprehendStandIn() as comprehend:
        use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=comprehend.endpoint_url)
        yield comprehend


class Wired:
    """The container's analyzer; the embedded model is a double that finds nothing but NEUTRAL."""

    def __init__(self, container: Container) -> None:
        self.embedded = FakeAnalyzer({"Berlin.": fake_analysis(SentimentType.MIXED)}, name="embedded")
        self.metrics = RecordingMetrics()
        self.container = container
        container.embedded.override(providers.Object(self.embedded))
        container.metrics.override(providers.Object(self.metrics))

    async def analyze(self, *documents: Document) -> list[str]:
        """Who answers each, or with what code it fails."""
        outcomes = await self.container.accompanied().analyze(documents, SENTIMENT)
        assert not any(outcome.degraded for outcome in outcomes if isinstance(outcome, Analysis))
        return [outcome.analyzer if isinstance(outcome, Analysis) else outcome.code for outcome in outcomes]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - it comes about in tasks of the service's own
                await asyncio.sleep(0.01)


@asynccontextmanager
async def wired(data: Path, registry: ModelRegistry | None = None, **settings: Any) -> AsyncIterator[Wired]:
    wired = Wired(build_container(Settings(data_dir=str(data), **settings)))
    if registry is not None:
        wired.container.registry.override(providers.Object(registry))
    try:
        yield wired
    finally:
        await wired.container.accompanied().aclose()


async def test_live_traffic_tells_whether_our_model_says_the_same_as_aws(
    comprehend: ComprehendStandIn, tmp_path: Path
) -> None:
    async with wired(tmp_path, shadow="comprehend", shadow_share=1.0) as service:
        assert await service.analyze(GREAT, DULL) == ["embedded", "embedded"]
        await service.until(lambda: service.metrics.value(SHADOW_SENTIMENTS, "comprehend", "en", "yes"))
        figures = service.container.shadow_window().take()

        assert service.metrics.value(SHADOW_SENTIMENTS, "comprehend", "en", "no") == 1
        assert (figures["documents"], figures["agreement"]) == (2, 0.5)
        assert len(service.metrics.observations(SHADOW_LATENCY_SECONDS, "shadow", "comprehend", "en")) == 2


async def test_what_the_shadow_costs_is_counted_in_the_days_ledger_and_stopped_by_the_budget(
    comprehend: ComprehendStandIn, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"shadow": "comprehend", "shadow_share": 1.0, "budget_usd_per_day": 1}
    async with wired(tmp_path, **settings) as service:
        await service.analyze(GREAT)
        await service.until(lambda: service.metrics.value(BILLED_UNITS, "sentiment"))
        service.container.ledger().charge(MICRODOLLARS)
        await service.analyze(DULL)
        await service.until(lambda: service.metrics.value(SHADOW_FAILURES, "budget_spent"))

        assert service.metrics.value(BUDGET_REFUSALS) == 1
    assert len(comprehend.calls) == 1
    async with wired(tmp_path, **settings) as later:
        await later.analyze(GREAT)
        await later.until(lambda: later.metrics.value(SHADOW_FAILURES, "budget_spent"))
    assert len(comprehend.calls) == 1


async def test_an_answer_from_the_cache_is_not_compared_again(comprehend: ComprehendStandIn, tmp_path: Path) -> None:
    async with wired(tmp_path, shadow="comprehend", shadow_share=1.0) as service:
        await service.analyze(GREAT)
        await service.analyze(GREAT)
        await service.analyze(DULL)
        await service.until(lambda: service.metrics.value(SHADOW_SENTIMENTS, "comprehend", "en", "yes"))

        assert [text for call in comprehend.calls for text in call.texts] == [GREAT.text, DULL.text]


async def test_our_model_shadows_comprehend_and_not_what_stood_in_for_it(
    comprehend: ComprehendStandIn, tmp_path: Path
) -> None:
    async with wired(tmp_path, analyzer="comprehend", shadow="embedded", shadow_share=1.0) as service:
        shadow = FakeAnalyzer(name="embedded")
        service.container.shadow.override(providers.Object(shadow))
        comprehend.fail_always(throttled())
        outcomes = await service.container.accompanied().analyze([DULL], SENTIMENT)
        assert [outcome.degraded for outcome in outcomes if isinstance(outcome, Analysis)] == [True]

        comprehend.fail_always(None)
        assert await service.analyze(GREAT) == ["comprehend"]
        await service.until(lambda: service.metrics.value(SHADOW_SENTIMENTS, "embedded", "en", "no"))
        assert [documents for documents, _ in shadow.calls] == [[GREAT]]


async def test_a_canary_answers_its_texts_from_its_own_entries_of_the_cache(
    comprehend: ComprehendStandIn, tmp_path: Path
) -> None:
    texts = [Document(f"Room {number}.") for number in range(40)]
    async with wired(tmp_path, canary="comprehend", canary_share=0.5) as service:
        first = await service.analyze(*texts)
        calls = (len(comprehend.calls), len(service.embedded.calls))
        again = await service.analyze(*reversed(texts))

        assert set(first) == {"embedded", "comprehend"}
        assert again == first[::-1]
        assert (len(comprehend.calls), len(service.embedded.calls)) == calls
        answers = service.metrics.value(CANARY_ANSWERS, "canary", "comprehend", "en")
        assert answers == 2 * first.count("comprehend")
    async with wired(tmp_path, canary="comprehend", canary_share=0.5) as another:
        assert await another.analyze(*texts) == first


async def test_when_the_canary_fails_the_primary_answers(comprehend: ComprehendStandIn, tmp_path: Path) -> None:
    comprehend.fail_always(throttled())
    async with wired(tmp_path, canary="comprehend", canary_share=1.0) as service:
        assert await service.analyze(GREAT) == ["embedded"]
        assert service.metrics.value(CANARY_FAILURES, "throttled") == 1


async def test_a_canary_that_costs_money_stops_with_the_budget(comprehend: ComprehendStandIn, tmp_path: Path) -> None:
    async with wired(tmp_path, canary="comprehend", canary_share=1.0, budget_usd_per_day=1) as service:
        assert await service.analyze(GREAT) == ["comprehend"]
        service.container.ledger().charge(MICRODOLLARS)

        assert await service.analyze(DULL, GREAT) == ["embedded", "comprehend"]  # the latter is from the cache
        assert service.metrics.value(CANARY_FAILURES, "budget_spent") == 1


@pytest.fixture
def registry(tmp_path: Path) -> FakeModelRegistry:
    """Two versions of a model, the second surer of everything; the first is the champion, and has a reference."""
    registry = FakeModelRegistry()
    for number, sharpness in ((1, 0.1), (2, 0.2)):
        model = write_model(tmp_path / f"made-{number}", sharpness)
        if number == 1:
            (model / REFERENCE).write_bytes(World(0).reference(2_000).encode())
        registry.register("sentiment", stage(model, tmp_path / f"staged-{number}").path, {})
    registry.set_alias("sentiment", "champion", 1)
    return registry


async def test_a_challenger_that_is_registered_later_is_compared_with_the_champion(
    registry: FakeModelRegistry, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"analyzer": "models:/sentiment@champion", "shadow": "models:/sentiment@challenger"}
    async with wired(tmp_path, registry, **settings, shadow_share=1.0, model_poll_seconds=0) as service:
        assert await service.analyze(GREAT) == ["sentiment"]
        await service.until(lambda: service.metrics.value(SHADOW_FAILURES, "analyzer_unavailable"))

        registry.set_alias("sentiment", "challenger", 2)
        shadow = service.container.shadow()
        assert shadow is not None
        await service.until(lambda: shadow.model_version == "sentiment/2")
        assert await service.analyze(DULL) == ["sentiment"]
        await service.until(lambda: service.metrics.value(SHADOW_SENTIMENTS, "sentiment", "en", "yes"))
        assert service.metrics.value(ANALYZER_INFO, "sentiment", "sentiment/1") == 1
        assert service.metrics.value(ANALYZER_INFO, "sentiment", "sentiment/2") == 0


async def test_answers_name_the_version_of_champion_or_canary(registry: FakeModelRegistry, tmp_path: Path) -> None:
    registry.set_alias("sentiment", "challenger", 2)
    settings: dict[str, Any] = {"analyzer": "models:/sentiment@champion", "canary": "models:/sentiment@challenger"}
    async with wired(tmp_path, registry, **settings, canary_share=0.5) as service:
        documents = [Document(f"Room {number}.") for number in range(40)]
        outcomes = await service.container.accompanied().analyze(documents, SENTIMENT)

        assert {each.model_version for each in outcomes if isinstance(each, Analysis)} == {"sentiment/1", "sentiment/2"}


async def test_drift_is_against_the_reference_of_the_version_that_answers(
    registry: FakeModelRegistry, tmp_path: Path
) -> None:
    async with wired(tmp_path, registry, analyzer="models:/sentiment@champion", model_poll_seconds=0) as service:
        await service.analyze(*(Document(f"x{number} {'long ' * 200}") for number in range(600)))
        assert service.metrics.value(POPULATION_STABILITY_INDEX, "text_length") > 1
        assert service.metrics.value(POPULATION_STABILITY_INDEX, "unknown_pieces") >= 0

        registry.set_alias("sentiment", "champion", 2)  # has none
        await service.until(lambda: isnan(service.metrics.value(POPULATION_STABILITY_INDEX, "text_length")))
        assert service.container.backend().model_version == "sentiment/2"
