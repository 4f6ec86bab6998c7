"""The wide branch of sentiment: a linear model over hashed n-grams, trained alone.

Two tables of four columns (one a class). A text's logits are, for each table, the sum of its n-grams' rows over the
root of their number, and a bias a language. Direct weights of hashed n-grams learn far faster than a deep net and
carry most of sentiment; trained together with the deep net they would fit the rows of the first pass and leave it
nothing to learn, so the two are trained apart and averaged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from adapters.analyzers.onnx.features import WIDE_CHARS, WIDE_PIECES, Ints, char_buckets, piece_buckets
from adapters.trainers.torch.batches import draw_epoch
from adapters.trainers.torch.corpus import CLASSES, SentimentRows
from sentiment_core.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class WideConfiguration:
    """Sizes of the tables (rows, powers of two) and the measured recipe of their training."""

    pieces: int = 1 << 20
    chars: int = 1 << 21
    epochs: int = 4
    rows_per_language: int = 60_000
    batch: int = 256
    rate: float = 0.8
    dropout: float = 0.5


class Wide(nn.Module):
    """Logits of the four classes from buckets of n-grams."""

    def __init__(self, configuration: WideConfiguration) -> None:
        super().__init__()
        self.pieces = _table(configuration.pieces)
        self.chars = _table(configuration.chars)
        self.bias = nn.Embedding(len(LANGUAGES), len(CLASSES), sparse=True)
        nn.init.zeros_(self.bias.weight)

    def forward(self, pieces: Tensor, chars: Tensor, languages: Tensor, dropout: float = 0.0) -> Tensor:
        """``pieces`` and ``chars`` are (texts, buckets), the table's size standing for "none"; gives (texts, 4)."""
        total: Tensor = self.bias(languages)
        return total + _pool(self.pieces, pieces, dropout) + _pool(self.chars, chars, dropout)


def _table(rows: int) -> nn.EmbeddingBag:
    table = nn.EmbeddingBag(rows + 1, len(CLASSES), mode="sum", sparse=True, padding_idx=rows)
    nn.init.zeros_(table.weight)
    return table


def _pool(table: nn.EmbeddingBag, buckets: Tensor, dropout: float) -> Tensor:
    """Sum of the rows over the root of their number; with dropout, of those kept, scaled up."""
    held = buckets != table.num_embeddings - 1
    kept = held & (torch.rand(buckets.shape) >= dropout) if dropout else held
    offsets = kept.sum(1).cumsum(0) - kept.sum(1)
    total: Tensor = table(buckets[kept], offsets)
    return total / (held.sum(1).clamp(min=1).sqrt()[:, None] * (1 - dropout))


def wide_inputs(rows: SentimentRows, wanted: Ints, configuration: WideConfiguration) -> tuple[Tensor, Tensor, Tensor]:
    """The three inputs of :class:`Wide` for some rows."""
    languages = rows.texts.languages[wanted]
    ids, id_lengths = rows.texts.ids.padded(wanted, WIDE_PIECES)
    chars, char_lengths = rows.chars.padded(wanted, WIDE_CHARS)
    pieces = piece_buckets(ids, id_lengths, languages, configuration.pieces)
    return (
        torch.from_numpy(pieces),
        torch.from_numpy(char_buckets(chars, char_lengths, configuration.chars)),
        torch.from_numpy(languages),
    )


def row_weights(rows: SentimentRows, source_power: float = 0.5, language_power: float = 0.5) -> Tensor:
    """Weight of each row's loss, mean 1: less for a common class (power 0.25), language and source."""
    languages = rows.texts.languages
    of_language = np.bincount(languages, minlength=len(LANGUAGES))[languages]
    cells = languages * len(CLASSES) + rows.labels
    of_class = np.bincount(cells, minlength=len(LANGUAGES) * len(CLASSES))[cells]
    of_source = np.bincount(rows.sources)[rows.sources]
    weights = (of_language / of_class) ** 0.25 * of_language**-language_power * of_source**-source_power
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def train_wide(
    rows: SentimentRows, configuration: WideConfiguration, seed: int
) -> Iterator[tuple[int, int, float, Wide]]:
    """Train; after each step gives the step, their number, the loss and the model."""
    torch.manual_seed(seed)
    # The optimizer makes its sparse tensors itself; unsaid, PyTorch warns that it does not check them.
    torch.sparse.check_sparse_tensor_invariants.disable()
    model, weights = Wide(configuration), row_weights(rows)
    optimizer = torch.optim.Adagrad(model.parameters(), lr=configuration.rate, initial_accumulator_value=1e-6)
    plan = _plan(rows, configuration, seed)
    for step, wanted in enumerate(plan):
        optimizer.param_groups[0]["lr"] = configuration.rate * (1 - step / len(plan))
        logits = model(*wide_inputs(rows, wanted, configuration), configuration.dropout)
        labels = torch.from_numpy(rows.labels[wanted])
        loss = (functional.cross_entropy(logits, labels, reduction="none") * weights[wanted]).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        yield step + 1, len(plan), float(loss.detach()), model


def _plan(rows: SentimentRows, configuration: WideConfiguration, seed: int) -> list[Ints]:
    """The rows of every batch of all epochs."""
    random = np.random.default_rng(seed)
    epochs = [
        draw_epoch(rows.texts.languages, 0, configuration.rows_per_language, random)
        for _ in range(configuration.epochs)
    ]
    every = np.concatenate(epochs)
    return np.split(every, range(configuration.batch, len(every), configuration.batch))
