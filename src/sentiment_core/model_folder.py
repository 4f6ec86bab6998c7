"""A model folder: ``manifest.json`` and the files that it names, none of which is used before it has been verified.

The manifest has the SHA-256 and the size of each file. With a key, ``manifest.json.sig`` must be the HMAC-SHA-256 of
the manifest's bytes, in hexadecimal and a newline: who can write to the registry, but has no key, can change nothing.
``format`` says how to serve it: 1 is what ``sentiment train`` writes, ``transformers`` an export of Hugging Face.
"""

import hashlib
import hmac
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
from msgspec import Struct

from sentiment_core.errors import AnalyzerUnavailableError

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
TRANSFORMERS = "transformers"

EXPORT = ("model.onnx", "tokenizer.json", "config.json")
"""What a Hugging Face export must have, and is known by."""

KINDS = frozenset({".onnx", ".json", ".md", ".txt", ".csv", ".png", ".svg"})
"""Of the files beside those, these go with the model: data and words, nothing that could be run."""


class File(Struct, frozen=True):
    """What a file must be."""

    sha256: str
    size: int


class Named(Struct, frozen=True):
    """What the manifest of every format has."""

    model_version: str
    files: dict[str, File]
    format: int | str = 1


class ModelFolder:
    """The files of a model. Whatever is not as it should be is an AnalyzerUnavailableError that says what to do."""

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        """Reads the manifest, once; with a ``key`` it must be signed with that."""
        self.path = path
        self.manifest = _manifest(path)
        if key is not None:
            _check_signature(path, self.manifest, key)
        self.named = _named(path / MANIFEST, self.manifest)

    def read(self, name: str) -> bytes:
        """The bytes of a file, as the manifest names it. What it does not name cannot be read."""
        expected = self.named.files.get(name)
        if expected is None:
            raise AnalyzerUnavailableError(f"The manifest of the model at {self.path} does not name {name}.")
        try:
            with (self.path / name).open("rb") as file:
                content = file.read(expected.size + 1)
        except OSError as error:
            raise _unreadable(self.path / name, error) from error
        if File(hashlib.sha256(content).hexdigest(), len(content)) != expected:
            raise _changed(self.path / name)
        return content

    def verify(self) -> None:
        """Every file that the manifest names is there and right, and there are no others."""
        for name, expected in self.named.files.items():
            if describe(self.path / name) != expected:
                raise _changed(self.path / name)
        there = {path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if not path.is_dir()}
        if strange := there - self.named.files.keys() - {MANIFEST, SIGNATURE}:
            raise AnalyzerUnavailableError(
                f"The manifest of the model at {self.path} does not name {', '.join(sorted(strange))}. Register the"
                " model again with `sentiment models register`."
            )


def stage(source: Path, target: Path, key: bytes | None = None) -> ModelFolder:
    """Copies a model to ``target``, a new folder, as it is registered: every file named; signed, when there is a key.

    ``source`` is a model folder, or a Hugging Face export, which gets a manifest. Raises AnalyzerUnavailableError when
    it is neither, or is not what its manifest says.
    """
    manifest = _manifest_to_be(source)
    target.mkdir(parents=True)
    for name in [*manifest["files"], *_companions(source, manifest["files"])]:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        _copy(source / name, target / name)
        manifest["files"].setdefault(name, msgspec.to_builtins(describe(target / name)))
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    (target / MANIFEST).write_bytes(content)
    if key is not None:
        (target / SIGNATURE).write_bytes(signature(content, key))
    staged = ModelFolder(target, key)
    staged.verify()
    return staged


def describe(path: Path) -> File:
    """The manifest's entry for a file."""
    try:
        with path.open("rb") as file:
            return File(hashlib.file_digest(file, "sha256").hexdigest(), file.tell())
    except OSError as error:
        raise _unreadable(path, error) from error


def signature(manifest: bytes, key: bytes) -> bytes:
    """What ``manifest.json.sig`` holds."""
    return hmac.digest(key, manifest, "sha256").hex().encode() + b"\n"


def _manifest(folder: Path) -> bytes:
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise AnalyzerUnavailableError(
            f"The model's {folder / MANIFEST} cannot be read: {error}. Reinstall or retrain it."
        ) from error


def _check_signature(folder: Path, manifest: bytes, key: bytes) -> None:
    try:
        with (folder / SIGNATURE).open("rb") as file:
            shown = file.read(100)
    except OSError:
        raise AnalyzerUnavailableError(
            f"The model at {folder} is not signed, and SENTIMENT_MODEL_KEY asks for it. Register the model again with"
            " `sentiment models register` where that key is set."
        ) from None
    if not hmac.compare_digest(shown, signature(manifest, key)):
        raise AnalyzerUnavailableError(
            f"The signature of the model at {folder} is not right: its manifest was changed, or signed with another"
            " SENTIMENT_MODEL_KEY than this one. Register the model again where this key is set."
        )


def _named(path: Path, manifest: bytes) -> Named:
    try:
        named = msgspec.json.decode(manifest, type=Named)
    except msgspec.DecodeError as error:
        raise AnalyzerUnavailableError(
            f"The model's {path} cannot be read: {error}. Reinstall or retrain it."
        ) from error
    _check_names(path, named.files)
    return named


def _check_names(path: Path, names: Iterable[str]) -> None:
    for name in names:
        if PurePosixPath(name).is_absolute() or {"", ".", ".."} & set(name.split("/")) or "\\" in name or "\0" in name:
            raise AnalyzerUnavailableError(f"The model's {path} names a file outside its folder: {name!r}.")


def _manifest_to_be(source: Path) -> dict[str, Any]:
    """The model's own manifest, or one for an export, that names its files yet to be described."""
    if (source / MANIFEST).exists():
        whole: dict[str, Any] = msgspec.json.decode(ModelFolder(source).manifest)
        return whole
    if missing := [name for name in EXPORT if not (source / name).exists()]:
        raise AnalyzerUnavailableError(
            f"{source} is no model: it has neither {MANIFEST}, as `sentiment train` writes it, nor {', '.join(missing)}"
            f" of a Hugging Face export ({', '.join(EXPORT)})."
        )
    return {"model_version": source.resolve().name, "format": TRANSFORMERS, "files": {}}


def _companions(source: Path, named: Iterable[str]) -> list[str]:
    """The files beside those that are named, that go with the model."""
    names = {path.name for path in source.iterdir() if path.suffix in KINDS and path.is_file()}
    return sorted(name for name in names - {*named, MANIFEST} if not name.startswith("."))


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(path: Path, error: OSError) -> AnalyzerUnavailableError:
    return AnalyzerUnavailableError(f"The model's file {path} cannot be read: {error}.")


def _changed(path: Path) -> AnalyzerUnavailableError:
    return AnalyzerUnavailableError(f"The model's file {path} is not the one that its manifest names. Reinstall it.")
