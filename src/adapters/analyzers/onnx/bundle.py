"""A model folder: ``manifest.json`` with what the model is, and the files it names, verified before they are used."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
from msgspec import Struct
from tokenizers import Tokenizer

from adapters.analyzers.onnx.decoding import Floats, TagDecoder
from adapters.analyzers.onnx.features import Ints
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import EntityType

MANIFEST = "manifest.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"


class File(Struct, frozen=True):
    """What a file must be."""

    sha256: str
    size: int


class Blend(Struct, frozen=True):
    """How the two branches make one sentiment: softmax(wide * logits + deep * logits + bias), calibrated on dev.

    The bias lets MIXED through only when it is likely enough; being part of the scores, it keeps the label their
    highest.
    """

    wide: float
    deep: float
    bias: tuple[float, float, float, float]


class Tags(Struct, frozen=True):
    """A tag head: its logits times ``sharpness``, and the scores of transitions from tag (row) to tag (column)."""

    sharpness: float
    transitions: tuple[tuple[float, ...], ...]


class Manifest(Struct, frozen=True):
    """What a model is; written by the trainer. ``made`` records how (configuration, sources, a note), for people."""

    model_version: str
    languages: tuple[str, ...]
    entity_types: tuple[EntityType, ...]
    wide_pieces: int
    wide_chars: int
    blend: Blend
    entities: Tags
    phrases: Tags
    files: dict[str, File]
    made: dict[str, object]
    format: int = 1


class Bundle:
    """A verified model folder, loaded."""

    def __init__(self, directory: Path, threads: int) -> None:
        """Raises AnalyzerUnavailableError when a file is missing, changed or not of this format."""
        self.manifest = read_manifest(directory)
        verified = {name: _verified(directory / name, file) for name, file in self.manifest.files.items()}
        self.tokenizer = Tokenizer.from_buffer(verified[TOKENIZER])
        self.session = open_session(verified[GRAPH], threads)
        self.entities = TagDecoder(_matrix(self.manifest.entities))
        self.phrases = TagDecoder(_matrix(self.manifest.phrases))


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a model folder; raises AnalyzerUnavailableError when there is none that can be read."""
    path = directory / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise AnalyzerUnavailableError(
            f"The model's {path} cannot be read: {error}. Reinstall or retrain it."
        ) from error
    if manifest.format != 1 or not {GRAPH, TOKENIZER} <= manifest.files.keys():
        raise AnalyzerUnavailableError(f"The model at {directory} is of another format; this version reads format 1.")
    return manifest


def describe(path: Path) -> File:
    """The manifest's entry for a file."""
    content = path.read_bytes()
    return File(hashlib.sha256(content).hexdigest(), len(content))


def _verified(path: Path, expected: File) -> bytes:
    """The file's bytes, when they are what the manifest says."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnalyzerUnavailableError(f"The model's file {path} cannot be read: {error}.") from error
    if File(hashlib.sha256(content).hexdigest(), len(content)) != expected:
        raise AnalyzerUnavailableError(f"The model's file {path} is not the one that its manifest names. Reinstall it.")
    return content


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session that runs the graph on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle threads would otherwise spin and take the cores from the event loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, names: Sequence[str], inputs: Mapping[str, Ints]) -> list[Floats]:
    """The outputs of these names; without names none, and nothing is run."""
    return [np.asarray(value, np.float32) for value in session.run(names, inputs)] if names else []


def _matrix(tags: Tags) -> Floats:
    return np.array(tags.transitions, np.float32)
