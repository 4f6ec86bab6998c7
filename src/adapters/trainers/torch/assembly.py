"""From trained branches to a model folder: graph, tokenizer, calibration, manifest."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnxruntime
from tokenizers import Tokenizer
from torch import Tensor

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, Manifest, Tags, open_session
from adapters.analyzers.onnx.decoding import count_transitions
from adapters.trainers.torch.blending import fit_blend
from adapters.trainers.torch.calibration import fit_sharpness
from adapters.trainers.torch.configuration import Configuration
from adapters.trainers.torch.corpus import TagRows
from adapters.trainers.torch.deep import Deep
from adapters.trainers.torch.export import byte_ranges, export_onnx
from adapters.trainers.torch.losses import inputs
from adapters.trainers.torch.schedule import DeepData
from adapters.trainers.torch.tags import ENTITY_TAGS, PHRASE_TAGS
from adapters.trainers.torch.wide import Wide
from sentiment_core.languages import LANGUAGES
from sentiment_core.model_folder import MANIFEST, describe
from sentiment_core.models import EntityType

_TRANSITIONS = 0.3
"""Weight of the counted transitions; measured best among 0, 0.3 and 1."""
_RANGE_BATCHES = 4


def assemble(
    directory: Path,
    branches: tuple[Deep, Wide],
    tokenizer: Tokenizer,
    rows: tuple[DeepData, DeepData],
    configuration: Configuration,
    sources: Mapping[str, Any],
) -> None:
    """Write the model folder; ``rows`` are those of train and dev. The manifest comes last: without it no model."""
    (deep, wide), (train, dev) = branches, rows
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    deep.eval().cpu()
    export_onnx(deep, wide, byte_ranges(deep, _samples(train, configuration.seed)), directory / GRAPH)
    tokenizer.save(str(directory / TOKENIZER), pretty=False)
    session = open_session((directory / GRAPH).read_bytes(), threads=1)
    manifest = Manifest(
        model_version=configuration.model_version,
        languages=LANGUAGES,
        entity_types=tuple(EntityType),
        wide_pieces=configuration.wide.pieces,
        wide_chars=configuration.wide.chars,
        blend=fit_blend(session, dev.sentiment, configuration.wide),
        entities=_tags(session, train.entities, dev.entities, "entities", len(ENTITY_TAGS)),
        phrases=_tags(session, train.phrases, dev.phrases, "phrases", len(PHRASE_TAGS)),
        files={name: describe(directory / name) for name in (GRAPH, TOKENIZER)},
        made={"configuration": msgspec.to_builtins(configuration), "sources": sources},
    )
    (directory / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def _tags(session: onnxruntime.InferenceSession, train: TagRows, dev: TagRows, output: str, tags: int) -> Tags:
    transitions = count_transitions(train.tags.rows(), tags, _TRANSITIONS)
    rounded = tuple(tuple(round(float(score), 4) for score in row) for row in transitions)
    return Tags(fit_sharpness(session, dev, output), rounded)


def _samples(train: DeepData, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches of rows of the three tasks."""
    random = np.random.default_rng(seed)
    for texts in (train.entities.texts, train.phrases.texts, train.sentiment.texts):
        for _ in range(_RANGE_BATCHES):
            yield inputs(texts, random.integers(0, len(texts), 64), "cpu")
