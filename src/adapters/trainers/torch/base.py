"""A model to begin with: its tokenizer, and its deep branch in place of one that the main phases would make."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
import onnx
import torch
from msgspec import Struct
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import nn

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, read_manifest
from adapters.trainers.torch.deep import Block, Deep, DeepConfiguration
from adapters.trainers.torch.sources import UsedSources
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import ModelFolder
from sentiment_core.training import TrainingError

Array = NDArray[np.float32]
Weights = Mapping[str, Array]


class _Configuration(Struct, frozen=True):
    """What of the configuration that made a model must agree with that of the training that begins with it."""

    size: str
    licences: tuple[str, ...]
    deep: DeepConfiguration


class Base:
    """A model folder of this trainer's. Its weights are those that it serves with: rounded to 8 bits."""

    def __init__(self, path: Path) -> None:
        """Raises TrainingError when there is no whole model of this trainer's."""
        try:
            folder = ModelFolder(path)
            manifest = read_manifest(folder)
            self._graph, self._tokenizer = folder.read(GRAPH), folder.read(TOKENIZER)
            self._made = msgspec.convert(manifest.made.get("configuration"), _Configuration)
        except (AnalyzerUnavailableError, msgspec.ValidationError) as error:
            raise TrainingError(f"There is no model to begin with in {path}: {error}") from error
        self.digest = manifest.files[GRAPH].sha256
        self.sources = msgspec.convert(manifest.made.get("sources", {}), UsedSources)

    def check(self, size: str, deep: DeepConfiguration, licences: tuple[str, ...]) -> None:
        """Raises TrainingError for a training of another size, or whose licences leave out some of the model's."""
        if self._made.deep != deep:
            raise TrainingError(f"The model to begin with is not of size {size} but of {self._made.size}: say --size.")
        if others := set(self._made.licences) - set(licences):
            raise TrainingError(
                f"The model to begin with was trained on rows of class {', '.join(sorted(others))} too, which "
                "--licences leaves out: add them, or begin from nothing, without --from."
            )

    def tokenizer(self) -> Tokenizer:
        """As the model has it."""
        return Tokenizer.from_buffer(self._tokenizer)

    def deep(self) -> Deep:
        """The deep branch, as :func:`adapters.trainers.torch.export.export_onnx` rounded its weights."""
        initializers = onnx.load_model_from_string(self._graph).graph.initializer
        weights = {each.name: numpy_helper.to_array(each).astype(np.float32) for each in initializers}
        deep = Deep(self._made.deep)
        deep.load_state_dict({name: torch.tensor(value) for name, value in _state(deep, weights)})
        return deep


def _state(deep: Deep, weights: Weights) -> Iterator[tuple[str, Array]]:
    """The net's weights by their own names, from those of the graph."""
    yield "pieces.weight", _widened(weights, "pieces")
    yield "shapes.weight", weights["shapes_weight"]
    ends = np.cumsum(weights["head_sizes"].astype(int))[:-1]
    for part in ("weight", "bias"):
        heads = np.split(weights[f"heads_{part}"], ends, axis=-1)
        names = ("entities", "phrases", "attention")
        yield from ((f"{name}.{part}", head.T) for name, head in zip(names, heads, strict=True))
    for path, layer in deep.named_modules():
        name = path.replace(".", "_")
        if isinstance(layer, Block):
            yield f"{path}.taps", weights[f"{name}_taps_table"][:, 0].T * weights[f"{name}_taps_scale"]
        elif f"{name}_weight" in weights and path != "shapes":
            yield f"{path}.weight", weights[f"{name}_weight"].T
            yield f"{path}.bias", weights[f"{name}_bias"]
        elif isinstance(layer, nn.Linear) and f"{name}_table" in weights:
            yield f"{path}.weight", _widened(weights, name).T
            yield f"{path}.bias", weights[f"{name}_bias"]


def _widened(weights: Weights, name: str) -> Array:
    """A table of bytes, times its scales."""
    return weights[f"{name}_table"] * weights[f"{name}_scale"]
