"""``sentiment models``, in this process, on a registry in memory."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from dependency_injector import providers

import entrypoints.cli.promotion
import entrypoints.container
from adapters.analyzers.onnx.model import PACKAGED
from entrypoints.cli import main
from entrypoints.container import Container
from entrypoints.settings import Settings
from sentiment_core.drift import REFERENCE, read_reference
from sentiment_core.model_folder import MANIFEST, SIGNATURE, ModelFolder
from sentiment_core.models import SentimentType
from sentiment_core.probing import GOLDEN
from sentiment_core.promotion import GateReport
from sentiment_core.registry import ModelReference
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry, fake_analysis
from sentiment_core.testing.model_registries import read_folder, write_folder

POSITIVE, NEGATIVE, *_ = SentimentType
TEXTS = {f"text {number}": (POSITIVE, NEGATIVE)[number % 2] for number in range(60)}
KEY = "a key for the tests, of 40 characters..."

Models = Callable[..., Result]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> FakeModelRegistry:
    registry = FakeModelRegistry(now=lambda: 1_700_000_000.0)
    monkeypatch.setattr(entrypoints.container, "model_registry", lambda _: registry)
    return registry


@pytest.fixture
def models(registry: FakeModelRegistry, monkeypatch: pytest.MonkeyPatch) -> Models:
    """Runs ``sentiment models``. Each model is right about all texts but as many as its file says."""

    def build_container(settings: Settings) -> Container:
        container = Container(settings=settings)
        if settings.embedded_model:
            wrong = int(ModelFolder(Path(settings.embedded_model)).read("model.onnx"))
            container.backend.override(providers.Object(scripted(wrong)))
        return container

    monkeypatch.setattr(entrypoints.cli.promotion, "build_container", build_container)
    return lambda *arguments: CliRunner().invoke(main, ["models", *map(str, arguments)])


def scripted(wrong: int) -> FakeAnalyzer:
    right = {document.text: label for document, label in GOLDEN.items()} | dict(list(TEXTS.items())[wrong:])
    return FakeAnalyzer({text: fake_analysis(label) for text, label in right.items()})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of labelled texts, in English."""
    for task in ("sentiment", "entities", "phrases"):
        (tmp_path / "data" / task).mkdir(parents=True)
    rows = [{"text": text, "label": label.lower(), "source": "mine", "lic": "open"} for text, label in TEXTS.items()]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / "sentiment" / "en.test.parquet")  # type: ignore[attr-defined, no-untyped-call]
    (tmp_path / "data" / "sources.json").write_text(json.dumps({"entities": {}}))
    return tmp_path / "data"


@pytest.fixture
def model(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a model that is wrong about so many texts."""

    def make(wrong: int) -> Path:
        folder = tmp_path / f"wrong-about-{wrong}"
        write_folder(folder, {"model.onnx": str(wrong).encode(), "tokenizer.json": b"{}", "config.json": b"{}"})
        return folder

    return make


Make = Callable[[int], Path]


def champion(registry: FakeModelRegistry) -> int:
    return registry.find(ModelReference("sentiment", "champion")).number


def test_a_model_is_registered_as_challenger_with_its_version_and_listed(models: Models, model: Make) -> None:
    registered = models("register", model(0))
    models("register", model(1), "--alias", "trial")
    lines = [line.split() for line in models("list").stdout.splitlines()]

    assert registered.stdout == "sentiment/1 is registered, as challenger.\n"
    assert lines == [
        ["VERSION", "ALIASES", "CREATED", "MODEL", "GATE"],
        ["sentiment/2", "trial", "2023-11-14", "22:13", "wrong-about-1", "-"],
        ["sentiment/1", "challenger", "2023-11-14", "22:13", "wrong-about-0", "-"],
    ]


def test_what_is_registered_has_a_manifest_and_is_signed_where_a_key_is_set(
    models: Models, model: Make, registry: FakeModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models("register", model(0))
    monkeypatch.setenv("SENTIMENT_MODEL_KEY", KEY)
    models("register", model(0), "--run", "a1b2")

    unsigned, signed = registry.kept["sentiment"]
    assert {MANIFEST, "model.onnx", "tokenizer.json", "config.json"} == unsigned.files.keys()
    assert signed.files.keys() - unsigned.files.keys() == {SIGNATURE}
    assert (unsigned.run_id, signed.run_id) == (None, "a1b2")


@pytest.mark.parametrize("alias", ["champion", "previous", "latest", "v2", "a/b"])
def test_no_alias_goes_round_the_gate(models: Models, model: Make, registry: FakeModelRegistry, alias: str) -> None:
    result = models("register", model(0), "--alias", alias)

    assert result.exit_code == 2
    assert not registry.kept


def test_a_folder_that_is_no_model_and_a_name_that_is_none_are_refused(models: Models, data: Path) -> None:
    assert "is no model" in models("register", data).stderr
    assert "names no registered model" in models("list", "--name", "a/b").stderr


def test_the_first_version_is_promoted_on_golden_texts_and_budgets_alone(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry
) -> None:
    models("register", model(60))
    result = models("promote", data)

    assert result.exit_code == 0, result.output
    assert "with no champion yet: passed" in result.stdout
    assert result.stdout.endswith("sentiment/1 is the champion.\n")
    assert champion(registry) == 1


def test_a_worse_model_is_refused_with_the_reasons_and_keeps_its_report(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry
) -> None:
    models("register", model(0))
    models("promote", data)
    models("register", model(30))
    result = models("promote", data)

    assert result.exit_code == 1
    assert "sentiment/2 is refused." in result.stderr
    assert "en: sentiment_macro_f1 is 0.556 lower" in result.stderr
    assert champion(registry) == 1
    kept = registry.kept["sentiment"][1]
    assert kept.tags["gate"] == "refused"
    assert msgspec.json.decode(kept.attached["gate.json"], type=GateReport).passed is False
    assert kept.attached["gate.txt"].decode() in result.stdout
    assert "refused" in models("list").stdout


def test_a_model_as_good_is_promoted_and_a_rollback_undoes_it_once(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry
) -> None:
    for wrong in (3, 2):
        models("register", model(wrong))
        assert models("promote", data, "--max-slowdown", 100).exit_code == 0
    assert champion(registry) == 2

    first, second = models("rollback"), models("rollback")

    assert (first.exit_code, first.stdout) == (0, "sentiment/1 is the champion again.\n")
    assert (second.exit_code, champion(registry)) == (1, 1)
    assert "nothing to go back to" in second.stderr


def test_a_budget_is_kept(models: Models, model: Make, data: Path, registry: FakeModelRegistry) -> None:
    models("register", model(0))
    result = models("promote", data, "--max-megabytes", 0.0001)

    assert result.exit_code == 1
    assert "size: the model has 0.0 MB" in result.stderr
    with pytest.raises(Exception, match="no such version"):
        champion(registry)


def test_any_version_can_be_taken_to_the_gate_but_the_champion(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry
) -> None:
    models("register", model(0))
    models("register", model(0))

    assert models("promote", data, "--version", 1).exit_code == 0
    assert champion(registry) == 1
    assert "sentiment/1 is the champion already." in models("promote", data, "--version", 1).stderr


def test_a_version_whose_files_were_changed_is_not_measured(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry
) -> None:
    models("register", model(0))
    registry.kept["sentiment"][0].files["model.onnx"] = b"1"
    result = models("promote", data)

    assert result.exit_code == 1
    assert "model.onnx is not the one that its manifest names" in result.stderr


def test_a_champion_that_was_changed_meanwhile_stays(
    models: Models, model: Make, data: Path, registry: FakeModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    models("register", model(0))
    models("register", model(0))
    attach = registry.attach

    def attach_and_promote_another(*arguments: object) -> None:
        attach(*arguments)  # type: ignore[arg-type]
        registry.set_alias("sentiment", "champion", 1)

    monkeypatch.setattr(registry, "attach", attach_and_promote_another)
    result = models("promote", data)

    assert "another one meanwhile" in result.stderr
    assert (result.exit_code, champion(registry)) == (1, 1)


def test_a_version_is_exported_as_it_was_registered(models: Models, model: Make, tmp_path: Path) -> None:
    models("register", model(7))
    result = models("export", "models:/sentiment@challenger", tmp_path / "new" / "folder")

    assert result.stdout.startswith("sentiment/1 is in ")
    assert read_folder(model(7)).items() <= read_folder(tmp_path / "new" / "folder").items()
    ModelFolder(tmp_path / "new" / "folder").verify()


def test_nothing_unverified_is_exported_and_nothing_is_overwritten(
    models: Models, model: Make, registry: FakeModelRegistry, tmp_path: Path
) -> None:
    models("register", model(7))
    assert "is not empty" in models("export", "models:/sentiment/1", model(7)).stderr
    registry.kept["sentiment"][0].files["model.onnx"] = b"8"
    result = models("export", "models:/sentiment/1", tmp_path / "new")

    assert "is not the one that its manifest names" in result.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments", [("list",), ("rollback",), ("export", "models:/sentiment/1", "new"), ("promote", "data")]
)
def test_a_registry_that_is_away_is_said_in_a_line(
    models: Models,
    data: Path,
    registry: FakeModelRegistry,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(data.parent)
    registry.away = True
    result = models(*arguments)

    assert (result.exit_code, result.stderr) == (1, "Error: The model registry: The registry is away.\n")


def test_what_is_not_there_is_said(models: Models, data: Path) -> None:
    assert "There is no such version" in models("promote", data).stderr
    assert "names no registered model" in models("export", "sentiment", "x").stderr


def test_a_reference_is_written_beside_a_model_from_its_answers(models: Models, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shipped"
    folder.mkdir()
    for file in PACKAGED.iterdir():
        if file.suffix in (".json", ".onnx") and file.name != REFERENCE:
            (folder / file.name).symlink_to(file)
    result = models("reference", folder, data)
    reference = read_reference(folder)

    assert result.stdout == f"{folder / REFERENCE} is written.\n"
    assert reference is not None
    assert reference.languages == {"en": len(TEXTS)}


def test_a_folder_without_a_model_gets_no_reference(models: Models, data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = models("reference", tmp_path / "empty", data)

    assert result.exit_code == 1
    assert "is no model" in result.stderr
