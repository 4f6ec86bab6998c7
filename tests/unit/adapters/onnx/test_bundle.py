"""A model folder is verified before it is used."""

import shutil
from pathlib import Path

import pytest

from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, Bundle, read_manifest
from adapters.analyzers.onnx.model import PACKAGED
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import MANIFEST, ModelFolder
from sentiment_core.models import Document, Options


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKAGED, tmp_path / "model"))


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER])
def test_a_changed_file_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(AnalyzerUnavailableError, match=name):
        Bundle(ModelFolder(folder), 1)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / GRAPH).unlink()

    with pytest.raises(AnalyzerUnavailableError, match=GRAPH):
        Bundle(ModelFolder(folder), 1)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"format": 2}'])
def test_a_broken_manifest_is_named(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)

    with pytest.raises(AnalyzerUnavailableError, match=MANIFEST):
        read_manifest(ModelFolder(folder))


def test_a_manifest_of_another_format_is_refused(folder: Path) -> None:
    path = folder / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))

    with pytest.raises(AnalyzerUnavailableError, match="format"):
        read_manifest(ModelFolder(folder))


async def test_a_changed_model_is_not_ready_and_fails_each_document(folder: Path) -> None:
    (folder / GRAPH).write_bytes(b"changed")
    analyzer = OnnxAnalyzer(folder)

    [outcome] = await analyzer.analyze([Document("Fine.")], Options())

    assert isinstance(outcome, AnalyzerUnavailableError)
    with pytest.raises(AnalyzerUnavailableError, match=GRAPH):
        await analyzer.ready()
    await analyzer.aclose()
