"""The shipped model, in the contract of all analyzers and by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec
import pytest

from adapters.analyzers.onnx.analyzer import MAX_BYTES, OnnxAnalyzer
from adapters.analyzers.onnx.bundle import read_manifest
from adapters.analyzers.onnx.model import PACKAGED
from sentiment_core.evaluation import Evaluation, headline
from sentiment_core.languages import LANGUAGES
from sentiment_core.model_folder import ModelFolder
from sentiment_core.models import Analysis, Document, EntityType, Feature, Options, SentimentType
from sentiment_core.ports import Analyzer
from sentiment_core.testing import AnalyzerContract

FLOORS = {"sentiment_macro_f1": 0.66, "entities_f1": 0.60, "key_phrases_f1": 0.76, "language_accuracy": 0.97}
WEAKEST = {"sentiment_macro_f1": 0.57, "entities_f1": 0.52}
"""Of any language."""
MAX_ECE = 0.05
MAX_MEGABYTES = 17.5


@asynccontextmanager
async def _opened() -> AsyncIterator[Analyzer]:
    analyzer = OnnxAnalyzer()
    try:
        yield analyzer
    finally:
        await analyzer.aclose()


class TestEmbedded(AnalyzerContract):
    """The contract of the port."""

    def open_analyzer(self) -> object:  # type: ignore[override]
        return _opened()


async def _analyze(*documents: Document, features: frozenset[Feature] = frozenset(Feature)) -> list[Analysis]:
    async with _opened() as analyzer:
        outcomes = await analyzer.analyze(documents, Options(features))
    answered = [outcome for outcome in outcomes if isinstance(outcome, Analysis)]
    assert len(answered) == len(documents), outcomes
    return answered


async def test_it_answers_a_text_of_the_greatest_length_and_one_without_letters() -> None:
    long, marks = await _analyze(Document("word " * (MAX_BYTES // 5)), Document("?!"))

    assert long.sentiment is not None
    assert marks.entities == ()


async def test_a_lone_surrogate_is_refused_and_its_neighbour_answered() -> None:
    async with _opened() as analyzer:
        refused, answered = await analyzer.analyze([Document("\ud800"), Document("Fine.")], Options())

    assert not isinstance(refused, Analysis)
    assert isinstance(answered, Analysis)


async def test_the_answer_does_not_depend_on_which_features_are_asked_for() -> None:
    document = Document("Sara moved to Vienna and loves the old coffee houses.")

    [whole] = await _analyze(document)
    [entities] = await _analyze(document, features=frozenset({Feature.ENTITIES}))
    [sentiment] = await _analyze(document, features=frozenset({Feature.SENTIMENT}))

    assert entities.entities == whole.entities
    assert sentiment.sentiment == whole.sentiment


@pytest.mark.parametrize(
    ("text", "expected"),
    [("The garden is beautiful.", SentimentType.POSITIVE), ("A dreadful, boring film.", SentimentType.NEGATIVE)],
)
async def test_plain_praise_and_blame_are_told_apart(text: str, expected: SentimentType) -> None:
    [analysis] = await _analyze(Document(text))

    assert analysis.sentiment is not None
    assert analysis.sentiment.sentiment is expected


async def test_a_person_and_a_place_are_found_exactly() -> None:
    [analysis] = await _analyze(Document("Angela Merkel lives in Berlin."))

    assert [(each.text, each.type) for each in analysis.entities or ()] == [
        ("Angela Merkel", EntityType.PERSON),
        ("Berlin", EntityType.LOCATION),
    ]


def test_the_recorded_figures_reach_the_floors() -> None:
    evaluation = msgspec.json.decode((PACKAGED / "figures.json").read_bytes(), type=Evaluation)

    assert evaluation.model_version == read_manifest(ModelFolder(PACKAGED)).model_version
    assert set(evaluation.languages) == set(LANGUAGES)
    for name, floor in FLOORS.items():
        assert getattr(evaluation.mean, name) >= floor, name
    for name, floor in WEAKEST.items():
        assert min(getattr(headline(each), name) for each in evaluation.languages.values()) >= floor, name
    assert evaluation.mean.calibration_error is not None
    assert evaluation.mean.calibration_error <= MAX_ECE


def test_it_was_trained_on_rows_of_the_licences_that_may_ship() -> None:
    configuration = msgspec.convert(read_manifest(ModelFolder(PACKAGED)).made["configuration"], dict[str, object])

    assert set(configuration["licences"]) <= {"open", "sharealike", "unstated"}  # type: ignore[call-overload]


def test_the_folder_fits_into_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive = tmp_path_factory.mktemp("zip") / "model.zip"
    with ZipFile(archive, "w", ZIP_DEFLATED, compresslevel=9) as content:
        for path in PACKAGED.iterdir():
            if path.is_file():
                content.write(path, path.name)

    assert archive.stat().st_size <= MAX_MEGABYTES * 1e6
