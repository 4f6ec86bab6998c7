"""Models of a few kilobytes, made here: they load in milliseconds, and know the golden texts by heart."""

from pathlib import Path

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, Blend, Manifest, Tags
from adapters.analyzers.onnx.features import char_buckets, characters
from sentiment_core.languages import LANGUAGES
from sentiment_core.model_folder import MANIFEST, describe
from sentiment_core.models import EntityType, SentimentType
from sentiment_core.probing import GOLDEN

BUCKETS = 4096
TAGS = 2 * len(EntityType) + 1
INT64 = TensorProto.INT64


def write_model(folder: Path, sharpness: float, model_version: str = "tiny") -> Path:
    """A model of the trainer's format, whose scores are the surer the greater its ``sharpness``."""
    folder.mkdir(parents=True)
    (folder / GRAPH).write_bytes(_graph().SerializeToString())
    tokenizer().save(str(folder / TOKENIZER))
    manifest = Manifest(
        model_version=model_version,
        languages=LANGUAGES,
        entity_types=tuple(EntityType),
        wide_pieces=BUCKETS,
        wide_chars=BUCKETS,
        blend=Blend(sharpness, 0.0, (0.0, 0.0, 0.0, 0.0)),
        entities=_tags(TAGS),
        phrases=_tags(3),
        files={name: describe(folder / name) for name in (GRAPH, TOKENIZER)},
        made={},
    )
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return folder


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def _graph() -> onnx.ModelProto:
    """Adds up what each bucket of characters says of the sentiment; finds no entity and no phrase."""
    nodes = [
        helper.make_node("Gather", ["weights", "char_buckets"], ["each"]),
        helper.make_node("ReduceSum", ["each", "middle"], ["wide"], keepdims=0),
        helper.make_node("Identity", ["wide"], ["deep"]),
        helper.make_node("Gather", ["nothing", "shapes"], ["zeros"]),
        helper.make_node("MatMul", ["zeros", "no_entity"], ["entities"]),
        helper.make_node("MatMul", ["zeros", "no_phrase"], ["phrases"]),
    ]
    constants = {
        "weights": _weights(),
        "middle": np.array([1]),
        "nothing": np.ones((40, 1), np.float32),
        "no_entity": np.eye(1, TAGS, dtype=np.float32) * 9,
        "no_phrase": np.eye(1, 3, dtype=np.float32) * 9,
    }
    table = {name: ("documents", f"{name}_width") for name in ("ids", "shapes", "piece_buckets", "char_buckets")}
    inputs = {**table, "lengths": ("documents",), "languages": ("documents",)}
    outputs = {"wide": ("documents", 4), "deep": ("documents", 4)}
    outputs |= {"entities": ("documents", "shapes_width", TAGS), "phrases": ("documents", "shapes_width", 3)}
    return model(nodes, inputs, outputs, constants)


def model(nodes: list[onnx.NodeProto], inputs: dict, outputs: dict, constants: dict) -> onnx.ModelProto:
    """A graph of whole numbers in and scores out."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, INT64, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(made)
    return made


def _weights() -> np.ndarray:
    weights = np.zeros((BUCKETS + 1, len(SentimentType)), np.float32)
    for document, label in GOLDEN.items():
        buckets = np.unique(char_buckets(*characters([document.text]), BUCKETS))
        weights[buckets[buckets < BUCKETS], list(SentimentType).index(label)] += 0.05
    return weights


def _tags(count: int) -> Tags:
    return Tags(1.0, ((0.0,) * count,) * count)
