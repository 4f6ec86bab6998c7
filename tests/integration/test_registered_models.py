"""Models from a registry, behind the API: which one answers, from the first request on and through every swap."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from dependency_injector import providers

from adapters.analyzers.onnx.analyzer import MAX_BYTES, OnnxAnalyzer
from adapters.model_registries.mlflow import MlflowModelRegistry
from entrypoints.container import Container, build_container
from entrypoints.settings import Settings
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import ANALYZER_INFO, MODEL_SWAPS
from sentiment_core.model_folder import stage
from sentiment_core.models import Analysis, Document, Options
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.ports import ModelRegistry
from sentiment_core.testing import FakeModelRegistry, RecordingMetrics
from tests.integration.api_server import HttpServer, wait_until
from tests.mlflow_store import sqlite_uri, tolerate_mlflow
from tests.tiny_exports import write_sentiments
from tests.tiny_models import write_model

SHARPNESS = {1: 0.1, 2: 0.2}
"""Of the two versions: the second is surer of everything."""

TEXTS = [f"The room was {word}, the staff were {word}. " for word in ("wonderful", "terrible", "loud", "nice", "big")]
TEXTS += [text * (2 * MAX_BYTES // len(text)) for text in TEXTS[:2]]
"""The last two are cut into segments."""


class Champions:
    """Two versions of a model in ``registry``, what each of them says, and a service on the alias ``champion``."""

    def __init__(self, registry: ModelRegistry, folder: Path, **settings: Any) -> None:
        self.registry = registry
        self.folder = folder
        self.settings = settings
        for number, sharpness in SHARPNESS.items():
            model = write_model(folder / f"made-{number}", sharpness)
            registry.register("sentiment", stage(model, folder / f"staged-{number}").path, {})
        registry.set_alias("sentiment", "champion", 1)

    def container(self) -> Container:
        defaults: dict[str, Any] = {"fallback": "off", "tracking": "off", "data_dir": str(self.folder / "data")}
        container = build_container(Settings(analyzer="models:/sentiment@champion", **defaults | self.settings))
        if isinstance(self.registry, FakeModelRegistry):  # a real one is where the settings say
            container.registry.override(providers.Object(self.registry))
        return container

    @contextmanager
    def service(self) -> Iterator[tuple[HttpServer, RecordingMetrics]]:
        container, metrics = self.container(), RecordingMetrics()
        container.metrics.override(metrics)
        metrics.exposition = lambda _: (b"", "")  # type: ignore[attr-defined]
        with HttpServer(container.app(), metrics) as server:
            yield server, metrics

    def expected(self) -> Mapping[tuple[str, str], float]:
        """The score of POSITIVE, by version and text."""

        async def ask(number: int) -> list[float]:
            model = OnnxAnalyzer(self.folder / f"made-{number}")
            outcomes = await SplittingAnalyzer(model, MAX_BYTES).analyze([*map(Document, TEXTS)], Options())
            await model.aclose()
            return [
                each.sentiment.scores.positive for each in outcomes if isinstance(each, Analysis) and each.sentiment
            ]

        return {
            (f"sentiment/{number}", text): score
            for number in SHARPNESS
            for text, score in zip(TEXTS, asyncio.run(ask(number)), strict=True)
        }


class Caller(threading.Thread):
    """Asks one text, then all in a batch, and so on until it is to stop; notes what was not right."""

    def __init__(self, url: str, expected: Mapping[tuple[str, str], float], until: threading.Event) -> None:
        super().__init__()
        self._url = url
        self._expected = expected
        self._until = until
        self.answers = 0
        self.versions: set[str] = set()
        self.wrong: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            for text in cycle(TEXTS):
                if self._until.is_set():
                    return
                self._look(client.post("/analyze", json={"text": text}), [text])
                self._look(client.post("/analyze/batch", json={"documents": [{"text": each} for each in TEXTS]}), TEXTS)

    def _look(self, response: httpx.Response, texts: list[str]) -> None:
        answer = response.json()
        results = answer.get("results", [{"analysis": answer}]) if response.status_code == 200 else []
        analyses = [result["analysis"] for result in results if "analysis" in result]
        if len(analyses) != len(texts):
            self.wrong.append(response.text)
        for text, analysis in zip(texts, analyses, strict=False):
            version, score = analysis["model_version"], analysis["sentiment"]["scores"]["Positive"]
            if abs(score - self._expected[version, text]) > 1e-5:
                self.wrong.append(str(analysis))
            self.answers += 1
            self.versions.add(version)


@pytest.mark.parametrize("cache", ["off", "memory"])
def test_a_hundred_swaps_under_load_fail_no_request_and_each_answer_is_of_one_version(
    tmp_path: Path, cache: str
) -> None:
    champions = Champions(FakeModelRegistry(), tmp_path, cache=cache, model_poll_seconds=0)
    expected, stop = champions.expected(), threading.Event()
    assert all(abs(expected["sentiment/1", text] - expected["sentiment/2", text]) > 1e-4 for text in TEXTS)

    with champions.service() as (server, metrics):
        callers = [Caller(server.url, expected, stop) for _ in range(4)]
        for caller in callers:
            caller.start()
        for swaps, number in enumerate(islice(cycle((2, 1)), 100), 1):
            champions.registry.set_alias("sentiment", "champion", number)
            wait_until(lambda: metrics.value(MODEL_SWAPS, "sentiment") == swaps)  # noqa: B023
        stop.set()
        for caller in callers:
            caller.join()

    assert [caller.wrong for caller in callers] == [[]] * 4
    assert all(caller.versions == {"sentiment/1", "sentiment/2"} for caller in callers)
    assert all(caller.answers >= 100 for caller in callers)
    assert metrics.value(ANALYZER_INFO, "sentiment", "sentiment/1") == 1
    assert metrics.value(ANALYZER_INFO, "sentiment", "sentiment/2") == 0


async def test_a_registered_export_is_served_with_the_shipped_model_for_what_it_does_not_answer(
    tmp_path: Path,
) -> None:
    registry = FakeModelRegistry()
    registry.register("reviews", stage(write_sentiments(tmp_path / "export"), tmp_path / "staged").path, {})
    settings = Settings(analyzer="models:/reviews/1", data_dir=str(tmp_path / "data"), cache="off", fallback="off")
    container = build_container(settings)
    container.registry.override(providers.Object(registry))
    analyzer = container.accompanied()

    [outcome] = await analyzer.analyze([Document("The great Maria Silva loves Lisbon.")], Options())

    await analyzer.aclose()
    assert isinstance(outcome, Analysis)
    assert (outcome.analyzer, outcome.model_version) == ("reviews", "reviews/1 with sentiment-embedded-0.4")
    assert outcome.sentiment
    assert outcome.sentiment.scores.mixed == 0.0, "the export has no such label"
    assert outcome.entities
    assert outcome.entities[0].text == "Maria Silva"


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Champions]:
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # MLflow keeps files there when nobody says where
        yield Champions(MlflowModelRegistry(sqlite_uri(folder), loader="entrypoints.pyfunc"), folder)


@pytest.fixture
def champions(registered: Champions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Champions:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", sqlite_uri(registered.folder))
    registered.registry.set_alias("sentiment", "champion", 1)
    registered.settings = {"data_dir": str(tmp_path), "model_poll_seconds": 0}
    return registered


async def answering(container: Container) -> str:
    analyzer = container.accompanied()
    try:
        [outcome] = await analyzer.analyze([Document("The staff were wonderful.")], Options())
    finally:
        await analyzer.aclose()
    assert isinstance(outcome, Analysis)
    assert outcome.analyzer == analyzer.name == "sentiment"
    return outcome.model_version


@tolerate_mlflow
async def test_the_library_answers_with_the_version_that_the_alias_is_on_and_follows_it(champions: Champions) -> None:
    analyzer = champions.container().accompanied()
    versions = set()
    for number in SHARPNESS:
        champions.registry.set_alias("sentiment", "champion", number)
        async with asyncio.timeout(30):
            while analyzer.model_version != f"sentiment/{number}":
                await analyzer.analyze([Document("text")], Options())
                await asyncio.sleep(0.01)
        [outcome] = await analyzer.analyze([Document("text")], Options())
        versions.add(outcome.model_version)
    await analyzer.aclose()
    assert versions == {"sentiment/1", "sentiment/2"}


@tolerate_mlflow
async def test_a_flipped_bit_is_refused_and_the_good_version_goes_on(
    champions: Champions, caplog: pytest.LogCaptureFixture
) -> None:
    assert await answering(champions.container()) == "sentiment/1"
    champions.registry.set_alias("sentiment", "champion", 2)
    flip_a_bit(champions.folder)

    assert await answering(champions.container()) == "sentiment/1"

    flip_a_bit(champions.folder)
    assert "sentiment/2 is refused (verification)" in caplog.text


@tolerate_mlflow
async def test_a_start_without_mlflow_is_from_the_disk_or_else_an_error_that_says_what_to_do(
    champions: Champions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await answering(champions.container()) == "sentiment/1"

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert await answering(champions.container()) == "sentiment/1"

    champions.settings["data_dir"] = str(tmp_path / "new")
    with pytest.raises(AnalyzerUnavailableError, match="MLFLOW_TRACKING_URI"):
        champions.container().analyzer()


def flip_a_bit(folder: Path) -> None:
    """Of the graph of every model that MLflow keeps in ``folder``; a second time it is right again."""
    graphs = list(folder.glob("artifacts/**/model.onnx"))
    assert len(graphs) == len(SHARPNESS)
    for graph in graphs:
        content = bytearray(graph.read_bytes())
        content[len(content) // 2] ^= 1
        graph.write_bytes(content)
