"""What turns raw logits into probabilities that can be believed, fitted on dev rows of the exported graph itself.

Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), section 4.2: divide the logits by
one temperature, found by minimising the negative log-likelihood. Here it is a factor, and one for each branch.
"""

from collections.abc import Iterator

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.nn import functional

from adapters.analyzers.onnx.bundle import Blend, run
from adapters.analyzers.onnx.decoding import log_softmax
from adapters.analyzers.onnx.features import Ints
from adapters.trainers.torch.corpus import SentimentRows, TagRows, Texts
from adapters.trainers.torch.losses import MAX_PIECES
from adapters.trainers.torch.tags import IGNORED
from adapters.trainers.torch.wide import WideConfiguration, wide_inputs

Floats = NDArray[np.float32]

_BATCH = 64
_MIXED = 3
_SHARPNESS = np.linspace(0.3, 1.5, 49)


def fit_blend(session: onnxruntime.InferenceSession, rows: SentimentRows, wide: WideConfiguration) -> Blend:
    """Factors of the two branches and the bias of MIXED that make dev likeliest, each language counting alike.

    Only MIXED has a bias: the dev rows' shares of the other classes are those of their sources, not of the world.
    """
    inputs = _sentiment_logits(session, rows, wide)
    branches = [torch.from_numpy(np.concatenate(each)) for each in zip(*inputs, strict=True)]
    labels = torch.from_numpy(rows.labels)
    weights = torch.from_numpy(1 / np.bincount(rows.texts.languages)[rows.texts.languages])
    factors = torch.tensor([0.5, 0.5], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([factors, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = factors[0] * branches[0] + factors[1] * branches[1]
        logits = logits + functional.pad(bias, (_MIXED, 0))
        each = functional.cross_entropy(logits, labels, reduction="none")
        total = (each * weights).sum() / weights.sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    of_wide, of_deep = factors.tolist()
    return Blend(of_wide, of_deep, (0.0, 0.0, 0.0, float(bias.detach())))


def fit_sharpness(session: onnxruntime.InferenceSession, rows: TagRows, output: str) -> float:
    """The factor of a tag head's logits that makes the dev rows' tags likeliest, as the loss counts them."""
    losses = np.zeros(len(_SHARPNESS))
    for wanted, inputs in _batches(rows.texts):
        [logits] = run(session, [output], inputs)
        tags, lengths = rows.tags.padded(wanted, MAX_PIECES)
        held = (np.arange(tags.shape[1]) < lengths[:, None]) & (tags != IGNORED)
        gold, names = tags[held], logits.shape[2]
        allowed = rows.allowed[wanted][np.nonzero(held)[0]]
        meant = np.where((gold == 0)[:, None], allowed, np.arange(names) == gold[:, None])
        for place, sharpness in enumerate(_SHARPNESS):
            likely = log_softmax(logits[held] * np.float32(sharpness))
            losses[place] -= np.log((np.exp(likely) * meant).sum(1) + 1e-9).sum()
    return float(_SHARPNESS[losses.argmin()])


def _sentiment_logits(
    session: onnxruntime.InferenceSession, rows: SentimentRows, wide: WideConfiguration
) -> Iterator[tuple[Floats, Floats]]:
    """The wide and the deep branch's logits of all rows, in order."""
    for wanted, inputs in _batches(rows.texts):
        pieces, chars, languages = (each.numpy() for each in wide_inputs(rows, wanted, wide))
        given = inputs | {"piece_buckets": pieces, "char_buckets": chars, "languages": languages}
        of_wide, of_deep = run(session, ["wide", "deep"], given)
        yield of_wide, of_deep


def _batches(texts: Texts) -> Iterator[tuple[Ints, dict[str, Ints]]]:
    """Row numbers and the inputs of the encoder, with nothing for the wide branch."""
    for first in range(0, len(texts), _BATCH):
        wanted = np.arange(first, min(first + _BATCH, len(texts)))
        ids, lengths = texts.ids.padded(wanted, MAX_PIECES)
        nothing = np.zeros((len(wanted), 1), np.int64)
        yield (
            wanted,
            {
                "ids": ids,
                "shapes": texts.shapes.padded(wanted, MAX_PIECES)[0],
                "lengths": lengths,
                "piece_buckets": nothing,
                "char_buckets": nothing,
                "languages": nothing[:, 0],
            },
        )
