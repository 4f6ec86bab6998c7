"""The two trained branches as one ONNX graph of small weights.

Tables are 8-bit integers with a scale (one a row for the pieces, one for each wide table). So are the layers of
the encoder, which take nearly all the time; the scales of their inputs are fixed, found on training rows, so that an
answer does not depend on the other texts of its batch. The heads' weights are 16-bit floats, widened when loaded.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper, parser
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from adapters.trainers.torch.deep import Block, Deep
from adapters.trainers.torch.graph import graph_text
from adapters.trainers.torch.wide import Wide

Array = NDArray[np.generic]
Ranges = Mapping[str, tuple[float, float]]

_BYTES = re.compile(r"enter|blocks\.\d+\.(norm|rise|fall)")


def export_onnx(deep: Deep, wide: Wide, ranges: Ranges, path: Path) -> None:
    """Write the graph; its inputs are those that ``adapters.analyzers.onnx.features`` makes.

    ``ranges`` are those of the values that the encoder's layers take as bytes (:func:`byte_ranges`).
    """
    model = parser.parse_model(graph_text(len(deep.blocks), deep.configuration.width))
    weights = _weights(deep, wide, ranges)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def byte_ranges(deep: Deep, batches: Iterable[tuple[Tensor, Tensor, Tensor]]) -> Ranges:
    """Where the inputs of the encoder's dense layers and convolutions lie for some batches, but for rare extremes.

    By the paths of the dense layers, and for the convolutions of the norms before them.
    """
    seen: dict[str, list[Tensor]] = defaultdict(list)

    def look(name: str, layer: nn.Module) -> RemovableHandle:
        if isinstance(layer, nn.LayerNorm):
            return layer.register_forward_hook(lambda _, __, given: seen[name].append(_range(given)))
        return layer.register_forward_pre_hook(lambda _, given: seen[name].append(_range(given[0])))

    hooks = [look(name, layer) for name, layer in deep.named_modules() if _BYTES.fullmatch(name)]
    with torch.no_grad():
        for batch in batches:
            deep(*batch)
    for hook in hooks:
        hook.remove()
    means = {name: torch.stack(values).mean(0).tolist() for name, values in seen.items()}
    return {name: (min(low, 0.0), max(high, 1e-6)) for name, (low, high) in means.items()}


def _range(values: Tensor) -> Tensor:
    """The values between which all but one in ten thousand lie."""
    sample = values.flatten()[:: max(1, values.numel() // 1_000_000)]
    return torch.quantile(sample, torch.tensor([5e-5, 1 - 5e-5]))


def _weights(deep: Deep, wide: Wide, ranges: Ranges) -> Iterator[tuple[str, Array]]:
    """Every initializer of the graph, by name."""
    yield from _constants()
    yield from _quantized("pieces", _array(deep.pieces.weight), by_row=True)
    yield "shapes_weight", _array(deep.shapes.weight)
    for name, table in (("wide_pieces", wide.pieces), ("wide_chars", wide.chars)):
        yield from _quantized(name, _array(table.weight), by_row=False)
        yield f"{name}_size", np.array(table.num_embeddings - 1)
    yield "bias_weight", _array(wide.bias.weight)
    for path, (low, high) in ranges.items():
        name, step = path.replace(".", "_"), (high - low) / 255
        yield f"{name}_step", np.array(step, np.float32)
        yield f"{name}_zero", np.array(round(-low / step), np.uint8)
    for path, layer in deep.named_modules():
        name = path.replace(".", "_")
        if isinstance(layer, nn.LayerNorm):
            yield from ((f"{name}_weight", _array(layer.weight)), (f"{name}_bias", _array(layer.bias)))
        elif isinstance(layer, Block):
            yield from _taps(f"{name}_taps", _array(layer.taps))
        elif path in ranges and isinstance(layer, nn.Linear):
            yield from (*_dense(name, _array(layer.weight).T), (f"{name}_bias", _array(layer.bias)))
    heads = (deep.entities, deep.phrases, deep.attention)
    yield "head_sizes", np.array([head.out_features for head in heads])
    for name, layers in (
        ("heads", heads),
        *((each, (getattr(deep, each),)) for each in ("context", "summary", "sentiment")),
    ):
        yield f"{name}_weight", np.concatenate([_array(layer.weight).T for layer in layers], 1).astype(np.float16)
        yield f"{name}_bias", np.concatenate([_array(layer.bias) for layer in layers])


def _array(values: Tensor) -> NDArray[np.float32]:
    return values.detach().cpu().numpy()


def _constants() -> Iterator[tuple[str, Array]]:
    yield "zero", np.array(0)
    yield "one", np.array(1)
    yield "one_axis", np.array([1])
    yield "two_axis", np.array([2])
    yield "float_one", np.array(1, np.float32)
    yield "lowest", np.array(-1e4, np.float32)
    yield "even", np.array(0, np.int8)


def _dense(name: str, weight: NDArray[np.float32]) -> Iterator[tuple[str, Array]]:
    """Weights of a dense layer with a scale a column.

    Weights take 7 of the 8 bits: the product of processors without VNNI adds pairs in 16 bits, which 8 would overflow.
    """
    scale = np.maximum(np.abs(weight).max(0), 1e-8).astype(np.float32) / np.float32(63)
    yield f"{name}_table", np.rint(weight / scale).astype(np.int8)
    yield f"{name}_scale", scale


def _taps(name: str, taps: NDArray[np.float32]) -> Iterator[tuple[str, Array]]:
    """Weights of a convolution, (taps, channels), with a scale a channel, in the runtime's order."""
    scale = np.maximum(np.abs(taps).max(0), 1e-8).astype(np.float32) / np.float32(127)
    yield f"{name}_table", np.rint(taps / scale).astype(np.int8).T[:, None]
    yield f"{name}_scale", scale


def _quantized(name: str, table: NDArray[np.float32], *, by_row: bool) -> Iterator[tuple[str, Array]]:
    """A table as 8-bit integers, and the scale of each row or of all."""
    most = np.abs(table).max(1, keepdims=True) if by_row else np.abs(table).max()
    scale = np.maximum(most, 1e-8).astype(np.float32) / np.float32(127)
    yield f"{name}_table", np.rint(table / scale).astype(np.int8)
    yield f"{name}_scale", np.asarray(scale)
