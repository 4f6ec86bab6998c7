"""What the deep branch is taught, for each of the three tasks."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from adapters.analyzers.onnx.features import Ints
from adapters.trainers.torch.corpus import SentimentRows, TagRows, Texts
from adapters.trainers.torch.deep import Deep
from adapters.trainers.torch.tags import ENTITY_TAGS, IGNORED

MAX_PIECES = 160
"""Pieces of a row that the deep training reads."""

_RARE = {"COMMERCIAL_ITEM": 1.5, "EVENT": 1.5, "TITLE": 1.5, "OTHER": 1.2}


def tag_weights(tags: tuple[str, ...]) -> Tensor:
    """Weight of each tag's loss: types with few rows count more."""
    return torch.tensor([_RARE.get(tag[2:], 1.0) for tag in tags])


def inputs(texts: Texts, rows: Ints, device: str) -> tuple[Tensor, Tensor, Tensor]:
    """The three inputs of :class:`Deep` for some rows."""
    ids, lengths = texts.ids.padded(rows, MAX_PIECES)
    shapes, _ = texts.shapes.padded(rows, MAX_PIECES)
    ids_, shapes_, lengths_ = (torch.from_numpy(each).to(device) for each in (ids, shapes, lengths))
    return ids_, shapes_, lengths_


def tag_loss(model: Deep, data: TagRows, rows: Ints, device: str) -> Tensor:
    """Mean loss of the pieces' tags.

    For a piece of an entity plain cross-entropy; for one outside, where the source covers only some types, minus the
    logarithm of the probability of O or any tag of a type that is not covered: what the source does not mark is
    unknown, not absent.
    """
    states, mask = model(*inputs(data.texts, rows, device))
    tags = torch.from_numpy(data.tags.padded(rows, MAX_PIECES)[0]).to(device)
    held = mask.squeeze(2) & (tags != IGNORED)
    names = data.allowed.shape[1]
    head, weights = (model.entities, tag_weights(ENTITY_TAGS)) if names > 3 else (model.phrases, torch.ones(names))
    logits = head(states[held]).log_softmax(1)
    gold = tags[held]
    allowed = torch.from_numpy(data.allowed[rows]).to(device)[held.nonzero()[:, 0]]
    meant = torch.where((gold == 0)[:, None], allowed, functional.one_hot(gold, names).bool())
    each = -logits.masked_fill(~meant, -torch.inf).logsumexp(1)
    weight = weights.to(device)[gold]
    return (each * weight).sum() / weight.sum().clamp(min=1)


def sentiment_loss(model: Deep, data: SentimentRows, weights: Tensor, rows: Ints, device: str) -> Tensor:
    """Weighted mean of the cross-entropy of the four classes, the target softened by a twentieth."""
    logits = model.sentiment_logits(*model(*inputs(data.texts, rows, device)))
    labels = torch.from_numpy(data.labels[rows]).to(device)
    each = functional.cross_entropy(logits, labels, reduction="none", label_smoothing=0.05)
    weight = weights[torch.from_numpy(np.asarray(rows))].to(device)
    return (each * weight).sum() / weight.sum()
