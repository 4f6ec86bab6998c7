"""A registered version answers once it is good; until then, and while the registry is away, the last good one does."""

import asyncio
import logging
import os
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from sentiment_core.errors import AnalyzerUnavailableError, UnsupportedLanguageError
from sentiment_core.metric_names import (
    ANALYZER_INFO,
    MODEL_READ_TIMESTAMP_SECONDS,
    MODEL_REFUSALS,
    MODEL_REGISTRY_AWAY,
    MODEL_SWAPS,
)
from sentiment_core.model_shelf import ModelShelf
from sentiment_core.model_trial import ModelTrial
from sentiment_core.model_watch import ModelWatch
from sentiment_core.models import Document, Options, Outcome, SentimentType
from sentiment_core.policies.swapping import SwappingAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.probing import GOLDEN
from sentiment_core.registry import ModelReference, ModelVersion
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry, RecordingMetrics, fake_analysis
from tests.unit.core.test_key_watch import Rounds

RIGHT: dict[str, Outcome] = {document.text: fake_analysis(label) for document, label in GOLDEN.items()}
CHAMPION = ModelReference("sentiment", "champion")
LABEL = str(CHAMPION)


class World:
    """A registry, the disk of a service, and the services that were started on it. A model is one file, ``model``."""

    def __init__(self, folder: Path) -> None:
        self.registry = FakeModelRegistry()
        self.metrics = RecordingMetrics()
        self.disk = folder / "disk"
        self.opened: list[FakeAnalyzer] = []
        self._folder = folder
        self._registered = 0

    def register(self, content: str = "good", alias: str | None = "champion") -> ModelVersion:
        self._registered += 1
        folder = self._folder / f"made-{self._registered}"
        folder.mkdir()
        (folder / "model").write_text(content)
        version = self.registry.register("sentiment", folder, {})
        if alias:
            self.registry.set_alias("sentiment", alias, version.number)
        return version

    def service(self, reference: ModelReference = CHAMPION, *, on_trial: bool = False) -> "Service":
        return Service(self, reference, on_trial)

    def verify(self, folder: Path) -> None:
        if (folder / "model").read_text() == "changed":
            raise AnalyzerUnavailableError("The model is not the one that its manifest names.")

    def build(self, folder: Path, version: str) -> Analyzer:
        content = (folder / "model").read_text()
        if content == "unheard of":
            raise AnalyzerUnavailableError("It is of another format.")
        if content == "a bug":
            raise ZeroDivisionError
        script = RIGHT | {text: ANSWERS[content] for text in list(RIGHT)[:1] if content in ANSWERS}
        self.opened.append(FakeAnalyzer(script, name="sentiment", model_version=version))
        return self.opened[-1]

    def on_disk(self) -> set[str]:
        return {path.name for path in self.disk.iterdir() if path.is_dir()}


ANSWERS: dict[str, Outcome] = {
    "wrong": fake_analysis(SentimentType.MIXED),
    "failing": AnalyzerUnavailableError("It breaks."),
    "of other languages": UnsupportedLanguageError("It does not know it."),
}


class Service:
    """One process: a watch from its opening to the end of the block."""

    def __init__(self, world: World, reference: ModelReference, on_trial: bool) -> None:
        self.on_trial = on_trial
        self.rounds = Rounds()
        self.watch = ModelWatch(
            reference,
            world.registry,
            ModelShelf(world.disk),
            ModelTrial(world.verify, world.build),
            world.metrics,
            wall_clock=lambda: 1e9,
            sleep=self.rounds,
            interval=10.0,
        )

    async def __aenter__(self) -> Self:
        self.analyzer: SwappingAnalyzer = self.watch.open(on_trial=self.on_trial)
        await self.watch.start()
        if isinstance(self.watch._reference.target, str):
            await self.rounds.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.watch.stop()
        await self.analyzer.aclose()

    async def answering(self) -> str:
        [outcome] = await self.analyzer.analyze([Document("text")], Options())
        assert not isinstance(outcome, Exception)
        return outcome.model_version


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_the_version_that_the_alias_is_on_answers_and_the_next_within_a_round(world: World) -> None:
    world.register()
    async with world.service() as service:
        assert await service.answering() == "sentiment/1"
        await service.rounds.next()
        assert await service.answering() == "sentiment/1"
        world.register()
        await service.rounds.next()
        assert await service.answering() == "sentiment/2"
        await asyncio.sleep(0)
        assert [analyzer.closed for analyzer in world.opened] == [True, False]
        assert service.rounds.asked == [10.0] * 3

    assert world.metrics.value(MODEL_SWAPS, "sentiment") == 1
    assert world.metrics.value(ANALYZER_INFO, "sentiment", "sentiment/2") == 1
    assert world.metrics.value(MODEL_READ_TIMESTAMP_SECONDS, LABEL) == 1e9


async def test_an_alias_that_goes_back_brings_the_earlier_version_back_from_the_disk(world: World) -> None:
    world.register()
    async with world.service() as service:
        world.register()
        await service.rounds.next()
        world.registry.kept["sentiment"][0].files.clear()  # a download would bring nothing
        world.registry.set_alias("sentiment", "champion", 1)
        await service.rounds.next()
        assert await service.answering() == "sentiment/1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("changed", "verification"),
        ("unheard of", "unusable"),
        ("a bug", "unusable"),
        ("wrong", "golden"),
        ("failing", "golden"),
    ],
)
async def test_what_is_not_good_never_answers_and_is_refused_and_logged_once(
    world: World, content: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.register()
    async with world.service() as service:
        world.register(content)
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await service.rounds.next()
        assert await service.answering() == "sentiment/1"
        assert world.metrics.value(MODEL_REFUSALS, reason) == 1
        [record] = caplog.records
        assert f"sentiment/2 is refused ({reason})" in record.getMessage()
        assert all(analyzer.closed for analyzer in world.opened[1:])
        assert world.on_disk() == {"1"}

        world.register()
        await service.rounds.next()
        assert await service.answering() == "sentiment/3"


async def test_what_is_too_large_is_not_fetched_and_is_refused_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.registry, "download", partial(world.registry.download, max_bytes=4))
    world.register("good")
    async with world.service() as service:
        world.register("too large")
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                await service.rounds.next()
        assert await service.answering() == "sentiment/1"
        assert world.metrics.value(MODEL_REFUSALS, "size") == 1
        assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 0
        [record] = caplog.records
        assert "sentiment/2 is refused (size)" in record.getMessage()
        assert world.on_disk() == {"1"}


async def test_what_was_refused_is_tried_again_when_the_alias_comes_back_to_it(world: World) -> None:
    world.register()
    async with world.service() as service:
        world.register("changed")
        await service.rounds.next()
        for number in (1, 2):
            world.registry.kept["sentiment"][1].files["model"] = b"good"
            world.registry.set_alias("sentiment", "champion", number)
            await service.rounds.next()
        assert await service.answering() == "sentiment/2"


async def test_a_golden_text_in_a_language_that_the_model_does_not_know_is_no_mistake(world: World) -> None:
    world.register("of other languages")
    async with world.service() as service:
        assert await service.answering() == "sentiment/1"


async def test_while_the_registry_is_away_the_version_stays_and_that_is_said_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.register()
    async with world.service() as service:
        world.register()
        with caplog.at_level(logging.INFO):
            world.registry.away = True
            await service.rounds.next()
            await service.rounds.next()
            assert await service.answering() == "sentiment/1"
            assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 1
            world.registry.away = False
            await service.rounds.next()
        assert await service.answering() == "sentiment/2"
        assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 0
        assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "INFO"]


async def test_a_service_starts_from_the_disk_when_the_registry_is_away_and_follows_once_it_is_back(
    world: World,
) -> None:
    world.register()
    async with world.service():
        pass
    world.register()
    world.registry.away = True

    async with world.service() as service:
        assert await service.answering() == "sentiment/1"
        assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 1
        world.registry.away = False
        await service.rounds.next()
        assert await service.answering() == "sentiment/2"


async def test_a_service_starts_with_the_last_good_version_when_the_wanted_one_is_refused(world: World) -> None:
    world.register()
    async with world.service():
        pass
    world.register("wrong")

    async with world.service() as service:
        assert await service.answering() == "sentiment/1"
        assert world.metrics.value(MODEL_REFUSALS, "golden") == 1


async def test_a_copy_that_was_changed_on_the_disk_is_fetched_anew_or_else_the_one_before_it_answers(
    world: World,
) -> None:
    world.register()
    async with world.service() as service:
        world.register()
        await service.rounds.next()
    damaged = world.disk / "2" / "model"

    damaged.write_text("changed")
    async with world.service() as service:
        assert await service.answering() == "sentiment/2"
        assert damaged.read_text() == "good"

    damaged.write_text("changed")
    world.registry.away = True
    async with world.service() as service:
        assert await service.answering() == "sentiment/1"


@pytest.mark.parametrize("trouble", ["away", "no such alias", "refused"])
async def test_without_the_registry_and_without_a_model_on_the_disk_the_error_says_what_to_do(
    world: World, trouble: str
) -> None:
    world.register(
        "changed" if trouble == "refused" else "good", alias=None if trouble == "no such alias" else "champion"
    )
    world.registry.away = trouble == "away"

    with pytest.raises(AnalyzerUnavailableError, match=r"models:/sentiment@champion.*MLFLOW_TRACKING_URI.*models list"):
        world.service().watch.open()


async def test_what_is_on_trial_may_be_absent_and_comes_and_goes_with_its_alias(world: World) -> None:
    challenger = ModelReference("sentiment", "challenger")
    world.register()
    async with world.service(challenger, on_trial=True) as service:
        assert service.analyzer.name == "sentiment"
        with pytest.raises(AnalyzerUnavailableError, match="challenger"):
            await service.analyzer.ready()
        world.register(alias="challenger")
        await service.rounds.next()
        assert await service.answering() == "sentiment/2"

        world.registry.set_alias("sentiment", "challenger", None)
        for _ in range(2):
            await service.rounds.next()
            [outcome] = await service.analyzer.analyze([Document("text")], Options())
            assert isinstance(outcome, AnalyzerUnavailableError)
        assert world.metrics.value(MODEL_REGISTRY_AWAY, str(challenger)) == 0
        assert world.metrics.value(MODEL_READ_TIMESTAMP_SECONDS, str(challenger)) == 1e9
    async with world.service(challenger, on_trial=True) as again:
        assert again.analyzer.model_version == "absent", "though it is on the disk"
        world.registry.set_alias("sentiment", "challenger", 2)
        await again.rounds.next()
        assert await again.answering() == "sentiment/2"


async def test_what_is_on_trial_may_be_absent_because_the_registry_is_away_and_that_is_said(world: World) -> None:
    world.registry.away = True
    async with world.service(on_trial=True) as service:
        assert service.analyzer.model_version == "absent"
        assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 1

        world.registry.away = False
        world.register()
        await service.rounds.next()
        assert await service.answering() == "sentiment/1"


async def test_what_is_on_trial_is_not_shown_as_the_one_that_answers(world: World) -> None:
    world.register()
    world.registry.set_alias("sentiment", "challenger", 1)
    async with (
        world.service() as service,
        world.service(ModelReference("sentiment", "challenger"), on_trial=True) as trial,
    ):
        world.register(alias="challenger")
        await trial.rounds.next()

        assert await trial.answering() == "sentiment/2"
        assert await service.answering() == "sentiment/1"
        assert world.metrics.value(ANALYZER_INFO, "sentiment", "sentiment/1") == 1
        assert world.metrics.value(ANALYZER_INFO, "sentiment", "sentiment/2") == 0


async def test_what_is_named_by_its_number_is_not_watched_and_starts_from_the_disk_as_well(world: World) -> None:
    world.register()
    for _ in range(2):
        async with world.service(ModelReference("sentiment", 1)) as service:
            assert await service.answering() == "sentiment/1"
            world.registry.away = True
    assert service.rounds.asked == []


async def test_the_last_two_versions_of_each_alias_stay_on_the_disk(world: World) -> None:
    world.register(alias="challenger")
    async with world.service(ModelReference("sentiment", "challenger")):
        pass
    world.register()
    async with world.service() as service:
        for _ in range(3):
            world.register()
            await service.rounds.next()
    assert world.on_disk() == {"1", "4", "5"}


async def test_what_a_killed_process_left_is_removed_after_a_day(world: World) -> None:
    world.register()
    old, fresh = world.disk / ".new-killed", world.disk / ".new-under-way"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    async with world.service():
        assert world.on_disk() == {"1", fresh.name}


async def test_a_download_that_breaks_off_leaves_nothing(world: World) -> None:
    world.register()
    download = world.registry.download

    def break_off(version: ModelVersion, folder: Path) -> None:
        download(version, folder)
        raise OSError("No space left on device")

    async with world.service() as service:
        world.register()
        world.registry.download = break_off  # type: ignore[method-assign]
        await service.rounds.next()
        assert await service.answering() == "sentiment/1"
        assert world.on_disk() == {"1"}
        assert world.metrics.value(MODEL_REGISTRY_AWAY, LABEL) == 1
        world.registry.download = download  # type: ignore[method-assign]
        await service.rounds.next()
        assert await service.answering() == "sentiment/2"


async def test_a_watch_that_never_began_can_be_stopped(world: World) -> None:
    await world.service().watch.stop()
