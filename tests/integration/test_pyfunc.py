"""A registered model is usable from MLflow's full distribution alone, which unpickles nothing to do it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.analyzers.onnx.model import PACKAGED
from adapters.model_registries.mlflow import MlflowModelRegistry
from entrypoints.pyfunc import _load_pyfunc
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import stage
from sentiment_core.registry import ModelReference
from tests.mlflow_store import sqlite_uri, tolerate_mlflow
from tests.standins.mlflow_server import mlflow_program

pytestmark = [
    tolerate_mlflow,
    pytest.mark.skipif(mlflow_program() is None, reason="MLFLOW_SERVER names no mlflow of the full distribution"),
]

KEY = "a key for the tests, of 40 characters..."
TEXTS = ["The staff in Paris were wonderful.", "Das Essen war schrecklich.", ""]

CHILD = """
import json, pickle, sys

import mlflow
from mlflow.models import infer_signature

def refuse(*_, **__):
    raise AssertionError("something was unpickled")

pickle.load = pickle.loads = pickle.Unpickler = pickle._Unpickler = refuse

def columns(schema):
    return [(column.name, str(column.type)) for column in schema]

model = mlflow.pyfunc.load_model(sys.argv[1])
answers = model.predict(json.loads(sys.argv[2]))
example = model.predict(model.input_example)
inferred = infer_signature(model.input_example, example.drop(columns="error"), params={"language": "auto"})
signature = model.metadata.signature
print(json.dumps({
    "answers": json.loads(answers.to_json(orient="records")),
    "in french": list(model.predict(["The staff were wonderful."], params={"language": "fr"})["language"]),
    "columns": list(example),
    "inputs": [str(signature.inputs), str(inferred.inputs)],
    "parameters": [str(signature.params), str(inferred.params)],
    "outputs": [columns(signature.outputs), columns(inferred.outputs)],
}))
"""


def load(model: str, uri: str) -> subprocess.CompletedProcess[str]:
    """A process with the full distribution, laid over what the tests run with."""
    program = mlflow_program()
    assert program is not None
    over = subprocess.run(
        [Path(program).parent / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), over]))
    return subprocess.run(
        [sys.executable, "-c", CHILD, model, msgspec.json.encode(TEXTS).decode()],
        env={**os.environ, "PYTHONPATH": path, "MLFLOW_TRACKING_URI": uri, "SENTIMENT_MODEL_KEY": KEY},
        capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the shipped model as champion, signed."""
    folder = tmp_path_factory.mktemp("pyfunc")
    registry = MlflowModelRegistry(sqlite_uri(folder), loader="entrypoints.pyfunc")
    registry.register("sentiment", stage(PACKAGED, folder / "staged", KEY.encode()).path, {})
    registry.set_alias("sentiment", "champion", 1)
    return sqlite_uri(folder)


@pytest.fixture(scope="module")
def said(uri: str) -> dict[str, Any]:
    done = load("models:/sentiment@champion", uri)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = msgspec.json.decode(done.stdout)
    return answer


def test_it_answers_a_list_of_texts_each_in_its_language(said: dict[str, Any]) -> None:
    first, second, _ = said["answers"]

    assert (first["sentiment"], first["language"]) == ("POSITIVE", "en")
    assert (second["sentiment"], second["language"]) == ("NEGATIVE", "de")
    assert [entity["text"] for entity in first["entities"]] == ["Paris"]
    assert sum(first[name] for name in ("positive", "negative", "neutral", "mixed")) == pytest.approx(1, abs=0.01)


def test_a_text_that_fails_has_its_error_and_nothing_else(said: dict[str, Any]) -> None:
    first, _, empty = said["answers"]

    assert empty["error"].startswith("invalid_text: ")
    assert {name for name, value in empty.items() if value is not None} == {"error"}
    assert first["error"] is None


def test_the_language_is_a_parameter(said: dict[str, Any]) -> None:
    assert said["in french"] == ["fr"]


def test_the_signature_is_the_one_that_mlflow_infers_from_the_answers(said: dict[str, Any]) -> None:
    declared, inferred = said["outputs"]

    assert len(set(said["inputs"])) == len(set(said["parameters"])) == 1
    assert declared == [*inferred, ["error", "DataType.string"]]
    assert said["columns"] == [name for name, _ in declared]


@pytest.fixture
def registered(uri: str, tmp_path: Path) -> Path:
    """The folder that MLflow hands to the module."""
    registry = MlflowModelRegistry(uri, loader="entrypoints.pyfunc")
    registry.download(registry.find(ModelReference("sentiment", "champion")), tmp_path / "model")
    return tmp_path / "model"


def test_with_another_key_than_it_was_signed_with_it_does_not_load(
    registered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTIMENT_MODEL_KEY", KEY.upper())

    with pytest.raises(AnalyzerUnavailableError, match="The signature of the model"):
        _load_pyfunc(str(registered))


def test_a_changed_file_does_not_load(registered: Path) -> None:
    (registered / "figures.json").write_text("{}")

    with pytest.raises(AnalyzerUnavailableError, match=r"figures\.json is not the one that its manifest names"):
        _load_pyfunc(str(registered))
