"""How the two branches make one sentiment, fitted on dev rows of the exported graph itself.

A share of the wide branch's logits and the rest of the deep one's, times a factor: the inverse of the temperature of
Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), section 4.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import onnxruntime
import torch
from torch import Tensor
from torch.nn import functional

from adapters.analyzers.onnx.bundle import Blend, run
from adapters.analyzers.onnx.decoding import Floats
from adapters.trainers.torch.calibration import encoder_inputs
from adapters.trainers.torch.corpus import CLASSES, SentimentRows
from adapters.trainers.torch.wide import WideConfiguration, wide_inputs
from sentiment_core.evaluation.classes import macro_f1
from sentiment_core.models import SentimentType

SHARES = np.linspace(0.2, 0.6, 17)
"""Of the wide branch; those that are tried."""

NEARLY = 1.0025
"""Up to so many times the least loss, blends are taken for equally likely, and what tells the classes apart decides.

The likelihood is flat there and macro-F1 is not: for model 0.3 it rises on dev from 0.698 at the likeliest share
(0.325) to 0.704 at 0.5, while negation, which the deep branch understands, gets worse. This bound stops at 0.4 (0.703).
"""

_MIXED = CLASSES.index(SentimentType.MIXED)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Both branches' logits of the dev rows, (rows, 4) each, with their classes and languages."""

    wide: Tensor
    deep: Tensor
    labels: Tensor
    languages: Tensor


def fit_blend(session: onnxruntime.InferenceSession, rows: SentimentRows, wide: WideConfiguration) -> Blend:
    """Of the blends that make dev nearly likeliest, the one with the highest macro-F1 of the three plain classes.

    Each language counts alike in both. Only MIXED has a bias: the dev rows' shares of the other classes are those of
    their sources, not of the world.
    """
    of_wide, of_deep = map(np.concatenate, zip(*_logits(session, rows, wide), strict=True))
    dev = _Rows(*map(torch.from_numpy, (of_wide, of_deep, rows.labels, rows.texts.languages)))
    blends = [_likeliest(dev, share) for share in SHARES.tolist()]
    least = min(loss for _, loss in blends)
    return max((blend for blend, loss in blends if loss <= NEARLY * least), key=partial(_mean_macro_f1, dev))


def _likeliest(dev: _Rows, share: float) -> tuple[Blend, float]:
    """The factor and the bias of MIXED that make dev likeliest with that share, and the loss that is left."""
    mixed = share * dev.wide + (1 - share) * dev.deep
    weights = 1 / torch.bincount(dev.languages)[dev.languages]
    factor, bias = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([factor, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = factor * mixed + functional.pad(bias, (_MIXED, 0))
        total = (functional.cross_entropy(logits, dev.labels, reduction="none") * weights).sum() / weights.sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    scale = float(factor.detach())
    return Blend(share * scale, (1 - share) * scale, (0.0, 0.0, 0.0, float(bias.detach()))), float(loss().detach())


def _mean_macro_f1(dev: _Rows, blend: Blend) -> float:
    """Over the languages, without the rows that are MIXED; the answer is the likeliest of the other three."""
    answers = (blend.wide * dev.wide + blend.deep * dev.deep)[:, :_MIXED].argmax(1)
    plain = dev.labels != _MIXED
    scores = []
    for language in dev.languages.unique():
        chosen = plain & (dev.languages == language)
        if chosen.any():
            scores.append(macro_f1(dev.labels[chosen].tolist(), answers[chosen].tolist()))
    return float(np.mean(scores)) if scores else 0.0


def _logits(
    session: onnxruntime.InferenceSession, rows: SentimentRows, wide: WideConfiguration
) -> Iterator[tuple[Floats, Floats]]:
    """The wide and the deep branch's logits of all rows, in order."""
    for wanted, inputs in encoder_inputs(rows.texts):
        pieces, chars, languages = (each.numpy() for each in wide_inputs(rows, wanted, wide))
        given = inputs | {"piece_buckets": pieces, "char_buckets": chars, "languages": languages}
        of_wide, of_deep = run(session, ["wide", "deep"], given)
        yield of_wide, of_deep
