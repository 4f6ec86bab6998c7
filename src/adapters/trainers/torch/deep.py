"""The deep branch: one small encoder of pieces with heads for entities, key phrases and sentiment."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from adapters.analyzers.onnx.features import SHAPES
from adapters.trainers.torch.corpus import CLASSES
from adapters.trainers.torch.tags import ENTITY_TAGS, PHRASE_TAGS
from adapters.trainers.torch.tokenizer import UNKNOWN

KERNEL = 5
POOLS = 4


@dataclass(frozen=True, slots=True)
class DeepConfiguration:
    """Sizes of the net; ``pieces`` is the vocabulary."""

    pieces: int = 48_000
    embedding: int = 128
    shape: int = 16
    width: int = 192
    hidden: int = 384
    blocks: int = 3
    summary: int = 128
    dropout: float = 0.15
    unknown: float = 0.1
    """Share of the pieces that training replaces by the unknown one, until its last phase."""


class Block(nn.Module):
    """x + W2 relu(W1 conv(norm(x))), the convolution over five pieces and each channel by itself."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.taps = nn.Parameter(torch.randn(KERNEL, width) / KERNEL**0.5)
        self.rise = nn.Linear(width, hidden)
        self.fall = nn.Linear(hidden, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x`` is (texts, pieces, width), ``mask`` (texts, pieces, 1)."""
        length = x.shape[1]
        padded = functional.pad(self.norm(x) * mask, (0, 0, KERNEL // 2, KERNEL // 2))
        mixed = padded[:, :length] * self.taps[0]
        for tap in range(1, KERNEL):
            mixed = torch.addcmul(mixed, padded[:, tap : tap + length], self.taps[tap])
        return x + self.fall(functional.relu(self.rise(mixed)))


class Deep(nn.Module):
    """Embeddings of pieces and shapes, blocks, and three heads.

    The blocks see a few pieces to each side; the mean of the whole text, added to every piece before them, tells its
    language and kind.
    """

    def __init__(self, configuration: DeepConfiguration) -> None:
        super().__init__()
        c = self.configuration = configuration
        self.unknown = c.unknown
        self.pieces = nn.Embedding(c.pieces, c.embedding)
        self.shapes = nn.Embedding(SHAPES, c.shape)
        nn.init.normal_(self.pieces.weight, std=0.3)
        nn.init.normal_(self.shapes.weight, std=0.3)
        self.enter = nn.Linear(c.embedding + c.shape, c.width)
        self.context = nn.Linear(c.width, c.width)
        self.blocks = nn.ModuleList(Block(c.width, c.hidden) for _ in range(c.blocks))
        self.norm = nn.LayerNorm(c.width)
        self.entities = nn.Linear(c.width, len(ENTITY_TAGS))
        self.phrases = nn.Linear(c.width, len(PHRASE_TAGS))
        self.attention = nn.Linear(c.width, POOLS)
        self.summary = nn.Linear(c.width * (POOLS + 2), c.summary)
        self.sentiment = nn.Linear(c.summary, len(CLASSES))

    def forward(self, ids: Tensor, shapes: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """States of the pieces, (texts, pieces, width), and the mask of those that are there, (texts, pieces, 1)."""
        mask = (torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]).unsqueeze(2)
        if self.training:
            ids = ids.masked_fill(torch.rand(ids.shape, device=ids.device) < self.unknown, UNKNOWN)
        x = torch.cat([self.pieces(ids), self.shapes(shapes)], 2)
        x = self.enter(functional.dropout(x, self.configuration.dropout, self.training))
        x = x + self.context((x * mask).sum(1) / mask.sum(1).clamp(min=1)).unsqueeze(1)
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x), mask

    def sentiment_logits(self, states: Tensor, mask: Tensor) -> Tensor:
        """Logits of the four classes from mean, maximum and four attention pools of the states."""
        counts = mask.sum(1).clamp(min=1)
        mean = (states * mask).sum(1) / counts
        most = states.masked_fill(~mask, -1e4).amax(1)
        weights = self.attention(states).masked_fill(~mask, -1e4).softmax(1)
        pools = torch.einsum("tpk,tpw->tkw", weights, states).flatten(1)
        summary = functional.relu(self.summary(torch.cat([mean, most, pools], 1)))
        logits: Tensor = self.sentiment(functional.dropout(summary, 2 * self.configuration.dropout, self.training))
        return logits


def mean_of(models: Sequence[Deep]) -> Deep:
    """The first of them, with the mean of all their weights."""
    states = [model.state_dict() for model in models]
    models[0].load_state_dict({name: torch.stack([each[name] for each in states]).mean(0) for name in states[0]})
    return models[0]
