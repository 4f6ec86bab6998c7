"""A model folder of the trainer's own format: what its manifest has, and its files, loaded."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import onnxruntime
from msgspec import Struct
from tokenizers import Tokenizer

from adapters.analyzers.onnx.decoding import Floats, TagDecoder
from adapters.analyzers.onnx.features import Ints
from adapters.analyzers.onnx.unknown import unknown_id
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import MANIFEST, File, ModelFolder
from sentiment_core.models import EntityType, Feature

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"


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

    def __init__(self, folder: ModelFolder, threads: int) -> None:
        """Raises AnalyzerUnavailableError when a file is missing, changed or not of this format."""
        self.manifest = read_manifest(folder)
        tokenizer = folder.read(TOKENIZER)
        self.tokenizer = Tokenizer.from_buffer(tokenizer)
        self.unknown = unknown_id(tokenizer)
        self.session = open_session(folder.read(GRAPH), threads)
        self.tags = {Feature.ENTITIES: self.manifest.entities, Feature.KEY_PHRASES: self.manifest.phrases}
        self.decoders = {
            heads: TagDecoder(*(_matrix(self.tags[head]) for head in heads))
            for heads in ((Feature.ENTITIES,), (Feature.KEY_PHRASES,), tuple(self.tags))
        }


def read_manifest(folder: ModelFolder) -> Manifest:
    """What the model is; raises AnalyzerUnavailableError when it is of another format."""
    try:
        manifest = msgspec.json.decode(folder.manifest, type=Manifest)
    except msgspec.DecodeError as error:
        raise AnalyzerUnavailableError(
            f"The model's {folder.path / MANIFEST} cannot be read: {error}. Reinstall or retrain it."
        ) from error
    if manifest.format != 1:
        raise AnalyzerUnavailableError(f"The model at {folder.path} is of another format; this version reads format 1.")
    return manifest


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session that runs the graph on so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # a plan of memory is kept for each shape, and hardly two batches have the same
    # Idle threads would otherwise spin and take the cores from the event loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    session._model_bytes = None  # kept by ONNX Runtime, though loaded, for another provider to fall back to
    return session


def run(session: onnxruntime.InferenceSession, names: Sequence[str], inputs: Mapping[str, Ints]) -> list[Floats]:
    """The outputs of these names; without names none, and nothing is run."""
    return [np.asarray(value, np.float32) for value in session.run(names, inputs)] if names else []


def _matrix(tags: Tags) -> Floats:
    return np.array(tags.transitions, np.float32)
