"""A model folder is verified before it is used."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from onnx import TensorProto, helper

from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, Bundle, open_session, read_manifest
from adapters.analyzers.onnx.model import PACKAGED
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import MANIFEST, ModelFolder, describe
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


def weights_elsewhere(path: Path) -> bytes:
    """A graph that would have its weights read from a file of this machine."""
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value=str(path))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", ends[:1], ends[1:], [weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    content: bytes = made.SerializeToString()
    return content


@pytest.mark.parametrize("place", ["secret", "../{folder}/secret", "{absolute}/secret"])
def test_weights_outside_the_graph_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(bytes(16))
    graph = weights_elsewhere(Path(place.format(folder=tmp_path.name, absolute=tmp_path)))

    with pytest.raises(Exception, match=r"model_path must not be empty|External data path validation failed"):
        open_session(graph, 1)


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER])
async def test_a_file_that_is_named_rightly_and_yet_no_model_makes_it_unavailable(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"{}")
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = msgspec.to_builtins(describe(folder / name))
    (folder / MANIFEST).write_text(json.dumps(manifest))
    analyzer = OnnxAnalyzer(folder)

    with pytest.raises(AnalyzerUnavailableError, match="cannot be loaded"):
        await analyzer.ready()
    await analyzer.aclose()
