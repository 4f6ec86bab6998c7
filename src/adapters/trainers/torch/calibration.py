"""What turns a tag head's logits into probabilities that can be believed, fitted on dev rows of the exported graph.

Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), section 4.2: divide the logits by
one temperature, found by minimising the negative log-likelihood. Here it is a factor.
"""

from collections.abc import Iterator

import numpy as np
import onnxruntime

from adapters.analyzers.onnx.bundle import run
from adapters.analyzers.onnx.decoding import log_softmax
from adapters.analyzers.onnx.features import Ints
from adapters.trainers.torch.corpus import TagRows, Texts
from adapters.trainers.torch.losses import MAX_PIECES
from adapters.trainers.torch.tags import IGNORED

_BATCH = 64
_SHARPNESS = np.linspace(0.3, 1.5, 49)


def fit_sharpness(session: onnxruntime.InferenceSession, rows: TagRows, output: str) -> float:
    """The factor of a tag head's logits that makes the dev rows' tags likeliest, as the loss counts them."""
    losses = np.zeros(len(_SHARPNESS))
    for wanted, inputs in encoder_inputs(rows.texts):
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


def encoder_inputs(texts: Texts) -> Iterator[tuple[Ints, dict[str, Ints]]]:
    """Row numbers and the graph's inputs, batch by batch, with nothing for the wide branch."""
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
