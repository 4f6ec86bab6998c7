"""Hugging Face exports of a few kilobytes, made here: each word says by itself what it is."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER
from adapters.analyzers.onnx.export import CONFIG
from sentiment_core.model_folder import stage
from tests.tiny_models import model

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
CONFIDENCE = 4.0
"""Of a word, in its label's favour."""

SENTIMENTS = ("positive", "NEUTRAL", "Neg")
SENTIMENT_WORDS = {
    **dict.fromkeys(("wonderful", "great", "liebe"), "positive"),
    **dict.fromkeys(("terrible", "bad", "料理はひどかったです"), "Neg"),
}
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-MISC")
TAG_WORDS = {"maria": "B-PER", "silva": "I-PER", "lisbon": "B-LOC", "new": "B-LOC", "york": "I-LOC", "cup": "B-MISC"}


def write_sentiments(
    folder: Path, labels: Sequence[str] = SENTIMENTS, words: Mapping[str, str] = SENTIMENT_WORDS, **config: Any
) -> Path:
    """A ...ForSequenceClassification, which adds up what the words say."""
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["masks"]),
        helper.make_node("Mul", ["each", "masks"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "middle"], ["logits"], keepdims=0),
    ]
    constants = {"last": np.array([2]), "middle": np.array([1])}
    architecture = "BertForSequenceClassification"
    return _write(folder, nodes, constants, ("documents", len(labels)), architecture, labels, words, config)


def write_tags(folder: Path, labels: Sequence[str] = TAGS, words: Mapping[str, str] = TAG_WORDS, **config: Any) -> Path:
    """A ...ForTokenClassification; what it does not know is the first label."""
    nodes = [helper.make_node("Gather", ["weights", "input_ids"], ["logits"])]
    words = {**dict.fromkeys(SPECIAL, labels[0]), **words}
    architecture = "BertForTokenClassification"
    return _write(folder, nodes, {}, ("documents", "tokens", len(labels)), architecture, labels, words, config)


def staged(export: Path, folder: Path) -> Path:
    """The model folder that is made of an export when it is registered."""
    return stage(export, folder).path


def _write(
    folder: Path,
    nodes: Sequence[Any],
    constants: Mapping[str, Any],
    shape: tuple[str | int, ...],
    architecture: str,
    labels: Sequence[str],
    words: Mapping[str, str],
    config: Mapping[str, Any],
) -> Path:
    folder.mkdir(parents=True)
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*SPECIAL, *words]))}
    weights = np.zeros((len(vocabulary), len(labels)), np.float32)
    for word, label in words.items():
        weights[vocabulary[word], labels.index(label)] = CONFIDENCE
    names = config.get("inputs", ("input_ids", "attention_mask", "token_type_ids"))
    inputs = dict.fromkeys(names, ("documents", "tokens"))
    graph = model([*nodes], inputs, {"logits": shape}, {"weights": weights, **constants})
    (folder / GRAPH).write_bytes(graph.SerializeToString())
    tokenizer(vocabulary).save(str(folder / TOKENIZER))
    described: dict[str, Any] = {
        "architectures": [architecture],
        "model_type": "bert",
        "id2label": dict(enumerate(labels)),
        "max_position_embeddings": 64,
        "pad_token_id": 0,
    }
    (folder / CONFIG).write_text(json.dumps(described | {k: v for k, v in config.items() if k != "inputs"}))
    return folder


def tokenizer(vocabulary: Mapping[str, int]) -> Tokenizer:
    """Cuts at blanks and marks, and does not tell capitals."""
    made = Tokenizer(models.WordLevel(dict(vocabulary), unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return made
