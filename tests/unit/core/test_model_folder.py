"""No file of a model folder is used before it has been verified."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import MANIFEST, SIGNATURE, ModelFolder, describe, signature, stage
from sentiment_core.testing.model_registries import read_folder, write_folder

KEY = b"a key for the tests, of 40 characters..."

EXPORT = {"model.onnx": b"graph", "tokenizer.json": b"{}", "config.json": b'{"id2label": {"0": "LABEL_0"}}'}


def trained(folder: Path) -> Path:
    """A folder as the trainer leaves it: the card is not in the manifest."""
    write_folder(folder, {"model.onnx": b"graph", "tokenizer.json": b"{}", "MODEL_CARD.md": b"# Card"})
    files = {name: describe(folder / name) for name in ("model.onnx", "tokenizer.json")}
    entries = {name: {"sha256": file.sha256, "size": file.size} for name, file in files.items()}
    manifest = {"model_version": "tiny-1", "files": entries, "blend": {"wide": 0.5}, "format": 1}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return trained(tmp_path / "source")


@pytest.fixture
def signed(source: Path, tmp_path: Path) -> Path:
    return stage(source, tmp_path / "signed", KEY).path


def flips(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file with a bit of each of its bytes flipped, one at a time."""
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1 << place % 8
            yield path, bytes(changed)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(AnalyzerUnavailableError) as raised:
        call()
    return str(raised.value)


def test_a_flipped_bit_is_refused_wherever_it_is(signed: Path) -> None:
    ModelFolder(signed, KEY).verify()
    names = set()
    for path, changed in flips(signed):
        right = path.read_bytes()
        path.write_bytes(changed)
        refused(lambda: ModelFolder(signed, KEY).verify())
        path.write_bytes(right)
        names.add(path.name)

    assert names == {"model.onnx", "tokenizer.json", "MODEL_CARD.md", MANIFEST, SIGNATURE}
    ModelFolder(signed, KEY).verify()


@pytest.mark.parametrize("changed", [b"grap", b"graph\n", b"", b"grapH"])
def test_a_changed_file_is_never_given_out(source: Path, changed: bytes) -> None:
    folder = ModelFolder(source)
    (source / "model.onnx").write_bytes(changed)

    assert "model.onnx" in refused(lambda: folder.read("model.onnx"))
    assert folder.read("tokenizer.json") == b"{}"


def test_a_file_that_the_manifest_does_not_name_is_never_given_out(source: Path) -> None:
    assert "does not name MODEL_CARD.md" in refused(lambda: ModelFolder(source).read("MODEL_CARD.md"))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "code/loader.py", ".hidden"])
def test_a_file_that_was_added_is_refused(signed: Path, name: str) -> None:
    write_folder(signed, {name: b""})

    assert f"does not name {name}" in refused(ModelFolder(signed, KEY).verify)


@pytest.mark.parametrize("name", ["model.onnx", "MODEL_CARD.md"])
def test_a_missing_file_is_named(signed: Path, name: str) -> None:
    (signed / name).unlink()

    assert name in refused(ModelFolder(signed, KEY).verify)


def test_a_model_without_a_signature_is_refused_where_a_key_is_set(source: Path) -> None:
    message = refused(lambda: ModelFolder(source, KEY))

    assert "is not signed" in message
    assert "`sentiment models register`" in message


def test_a_signature_by_another_key_is_refused_and_by_none_is_not_asked_for(source: Path, tmp_path: Path) -> None:
    stage(source, tmp_path / "by another", b"another key, of 40 characters, is this..")

    assert "another SENTIMENT_MODEL_KEY" in refused(lambda: ModelFolder(tmp_path / "by another", KEY))
    ModelFolder(tmp_path / "by another").verify()


def test_a_manifest_that_was_made_anew_for_changed_files_is_refused_where_a_key_is_set(signed: Path) -> None:
    (signed / "model.onnx").write_bytes(b"other")
    manifest = json.loads((signed / MANIFEST).read_bytes())
    file = describe(signed / "model.onnx")
    manifest["files"]["model.onnx"] = {"sha256": file.sha256, "size": file.size}
    (signed / MANIFEST).write_text(json.dumps(manifest))

    ModelFolder(signed).verify()  # the hashes are right: without a key it passes
    assert "manifest was changed" in refused(lambda: ModelFolder(signed, KEY))


def test_the_signature_is_what_openssl_makes() -> None:
    """``printf manifest | openssl dgst -sha256 -hmac key``"""
    made = b"d4b7b4d4522bb2cee7bc6bec4aab3e3a77674dc16436d79a9e0a907f75e50397\n"

    assert signature(b"manifest", b"key") == made


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "a\\b", "", "a//b", "./a", "a\0"])
def test_a_name_that_leaves_the_folder_is_refused(source: Path, name: str) -> None:
    manifest = {"model_version": "x", "files": {name: {"sha256": "", "size": 0}}}
    (source / MANIFEST).write_text(json.dumps(manifest))

    assert "outside its folder" in refused(lambda: ModelFolder(source))


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[]", b'{"model_version": "x", "files": {"a": 1}}'])
def test_a_manifest_that_cannot_be_read_is_named(source: Path, content: bytes) -> None:
    (source / MANIFEST).write_bytes(content)

    assert MANIFEST in refused(lambda: ModelFolder(source))


def test_what_is_registered_names_every_file_and_keeps_what_the_trainer_wrote(source: Path, tmp_path: Path) -> None:
    staged = stage(source, tmp_path / "staged")

    assert staged.named.files.keys() == {"model.onnx", "tokenizer.json", "MODEL_CARD.md"}
    assert json.loads(staged.manifest)["blend"] == {"wide": 0.5}
    assert staged.read("MODEL_CARD.md") == b"# Card"
    assert not (staged.path / SIGNATURE).exists()


def test_an_export_of_hugging_face_gets_a_manifest_and_stays_as_it_was(tmp_path: Path) -> None:
    write_folder(tmp_path / "tiny-bert", EXPORT)

    staged = stage(tmp_path / "tiny-bert", tmp_path / "staged", KEY)

    assert (staged.named.format, staged.named.model_version) == ("transformers", "tiny-bert")
    assert {name: staged.read(name) for name in staged.named.files} == EXPORT
    assert read_folder(tmp_path / "tiny-bert") == EXPORT


def test_code_pickles_and_hidden_files_do_not_go_with_a_model(tmp_path: Path) -> None:
    others = ["pytorch_model.bin", "modeling.py", "model.pkl", ".env.json", ".git/config.json", "__pycache__/x.json"]
    write_folder(tmp_path / "export", EXPORT | dict.fromkeys(others, b""))

    assert stage(tmp_path / "export", tmp_path / "staged").named.files.keys() == EXPORT.keys()


def test_a_folder_that_is_no_model_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    write_folder(tmp_path / "export", {"config.json": b"{}", "pytorch_model.bin": b""})

    message = refused(lambda: stage(tmp_path / "export", tmp_path / "staged"))

    assert "nor model.onnx, tokenizer.json of a Hugging Face export" in message


def test_a_model_that_is_not_what_its_manifest_says_is_not_registered(source: Path, tmp_path: Path) -> None:
    (source / "model.onnx").write_bytes(b"other")

    assert "model.onnx" in refused(lambda: stage(source, tmp_path / "staged", KEY))
