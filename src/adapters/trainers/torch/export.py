"""The two trained branches as one ONNX graph of small weights.

Tables are 8-bit integers with a scale (one a row for the pieces, one for each wide table). So are the dense layers of
the encoder, which take nearly all the time; the scales of their inputs are fixed, found on training rows, so that an
answer does not depend on the other texts of its batch. The heads' weights are 16-bit floats, widened when loaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper, parser
from torch import Tensor

from adapters.trainers.torch.deep import KERNEL, Deep
from adapters.trainers.torch.graph import graph_text
from adapters.trainers.torch.wide import Wide

Array = NDArray[np.generic]


def export_onnx(deep: Deep, wide: Wide, ranges: Mapping[str, tuple[float, float]], path: Path) -> None:
    """Write the graph; its inputs are those that ``adapters.analyzers.onnx.features`` makes.

    ``ranges`` are those of the inputs of the large dense layers, by the layers' paths (:func:`input_ranges`).
    """
    model = parser.parse_model(graph_text(len(deep.blocks)))
    weights = _weights(deep, wide, ranges)
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def input_ranges(deep: Deep, batches: Iterable[tuple[Tensor, Tensor, Tensor]]) -> dict[str, tuple[float, float]]:
    """The range in which the inputs of the encoder's dense layers lie for some batches, but for rare extremes."""
    layers = {name: layer for name, layer in deep.named_modules() if name.endswith(("enter", "rise", "fall"))}
    seen: dict[str, list[Tensor]] = {name: [] for name in layers}
    hooks = [
        layer.register_forward_pre_hook(lambda _, given, name=name: seen[name].append(_range(given[0])))
        for name, layer in layers.items()
    ]
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


def _weights(deep: Deep, wide: Wide, ranges: Mapping[str, tuple[float, float]]) -> Iterator[tuple[str, Array]]:
    """Every initializer of the graph, by name."""
    yield from _constants()
    yield from _quantized("pieces", deep.pieces.weight.detach().cpu().numpy(), by_row=True)
    for name, table in (("wide_pieces", wide.pieces), ("wide_chars", wide.chars)):
        yield from _quantized(name, table.weight.detach().cpu().numpy(), by_row=False)
        yield f"{name}_size", np.array(table.num_embeddings - 1)
    yield "bias_weight", wide.bias.weight.detach().cpu().numpy()
    for path, parameter in deep.named_parameters():
        name, value = path.replace(".", "_"), parameter.detach().cpu().numpy()
        if name.endswith("_taps"):
            yield from ((f"{name[:-1]}_{k}", tap) for k, tap in enumerate(value))
        elif path.removesuffix(".weight") in ranges:
            yield from _dense(name.removesuffix("_weight"), value.T, *ranges[path.removesuffix(".weight")])
        elif value.ndim == 2 and name not in ("pieces_weight", "shapes_weight"):
            yield name, value.T.astype(np.float16)
        elif name != "pieces_weight":
            yield name, value


def _constants() -> Iterator[tuple[str, Array]]:
    yield "zero", np.array(0)
    yield "one", np.array(1)
    yield "one_axis", np.array([1])
    yield "two_axis", np.array([2])
    yield "float_one", np.array(1, np.float32)
    yield "lowest", np.array(-1e4, np.float32)
    yield "margins", np.array([0, KERNEL // 2, 0, 0, KERNEL // 2, 0])
    for k in range(KERNEL):
        last = k + 1 == KERNEL
        yield f"tap{k}", np.array([k])
        yield f"end{k}", np.array([np.iinfo(np.int64).max if last else k + 1 - KERNEL])


def _dense(name: str, weight: NDArray[np.float32], low: float, high: float) -> Iterator[tuple[str, Array]]:
    """Weights of a dense layer with a scale a column, and the step and zero of its input between low and high.

    Weights take 7 of the 8 bits: the product of processors without VNNI adds pairs in 16 bits, which 8 would overflow.
    """
    scale = np.maximum(np.abs(weight).max(0), 1e-8).astype(np.float32) / np.float32(63)
    step = (high - low) / 255
    yield f"{name}_table", np.rint(weight / scale).astype(np.int8)
    yield f"{name}_scale", scale
    yield f"{name}_step", np.array(step, np.float32)
    yield f"{name}_zero", np.array(round(-low / step), np.uint8)


def _quantized(name: str, table: NDArray[np.float32], *, by_row: bool) -> Iterator[tuple[str, Array]]:
    """A table as 8-bit integers, and the scale of each row or of all."""
    most = np.abs(table).max(1, keepdims=True) if by_row else np.abs(table).max()
    scale = np.maximum(most, 1e-8).astype(np.float32) / np.float32(127)
    yield f"{name}_table", np.rint(table / scale).astype(np.int8)
    yield f"{name}_scale", np.asarray(scale)
