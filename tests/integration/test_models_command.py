"""``sentiment models`` with nothing faked: SQLite, files on the disk, and models that ONNX Runtime runs."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import main
from entrypoints.container import build_container
from entrypoints.settings import Settings
from sentiment_core.models import Analysis, Document, Options
from tests.mlflow_store import tolerate_mlflow
from tests.tiny_exports import write_sentiments
from tests.tiny_models import write_model

pytestmark = tolerate_mlflow

KEY = "a key for the tests, of 40 characters..."
LABELLED = {"wonderful": "positive", "terrible": "negative"}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs ``sentiment models`` in a data folder of the test's own, where models are signed."""
    monkeypatch.setenv("SENTIMENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SENTIMENT_MODEL_KEY", KEY)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return lambda *arguments: CliRunner().invoke(main, ["models", *map(str, arguments)])


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder of labelled texts, in English."""
    folder = tmp_path / "texts"
    for task in ("sentiment", "entities", "phrases"):
        (folder / task).mkdir(parents=True)
    rows = [
        {"text": f"The {thing} was {word}.", "label": label, "source": "mine", "lic": "open"}
        for thing in ("room", "food", "staff", "view", "price")
        for word, label in LABELLED.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "sentiment" / "en.test.parquet")  # type: ignore[attr-defined, no-untyped-call]
    (folder / "sources.json").write_text(json.dumps({"entities": {}}))
    return folder


async def answer(tmp_path: Path, reference: str) -> Analysis:
    """Of the service, whose analyzer is a registered model."""
    settings = Settings(analyzer=reference, data_dir=str(tmp_path / "data"), model_key=KEY, fallback="off")
    analyzer = build_container(settings).analyzer()
    [outcome] = await analyzer.analyze([Document("The food was terrible.")], Options())
    await analyzer.aclose()
    assert isinstance(outcome, Analysis)
    return outcome


def test_an_export_and_a_trained_model_go_the_whole_way(
    models: Callable[..., Result], texts: Path, tmp_path: Path
) -> None:
    for folder in (write_sentiments(tmp_path / "tiny-bert"), write_model(tmp_path / "tiny", 1.0)):
        assert models("register", folder).exit_code == 0
        promoted = models("promote", texts, "--max-slowdown", 1000, "--max-p99-ms", 60_000)
        assert promoted.exit_code == 0, promoted.output

    answers = [asyncio.run(answer(tmp_path, f"models:/sentiment/{number}")) for number in (1, 2)]
    assert [each.model_version.split(" ")[0] for each in answers] == ["sentiment/1", "sentiment/2"]
    listed = models("list").stdout.splitlines()
    assert [line.split()[1] for line in listed[1:]] == ["champion", "previous"]
    assert models("rollback").stdout == "sentiment/1 is the champion again.\n"
    assert models("export", "models:/sentiment@champion", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "config.json").read_bytes() == (tmp_path / "tiny-bert" / "config.json").read_bytes()
