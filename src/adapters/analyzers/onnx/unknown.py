"""Which pieces of a text the tokenizer does not know."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from sentiment_core.models import Document

UnknownObserver = Callable[[Sequence[Document], Sequence[float]], object]
"""Told the documents of each batch that was run, on the model's thread, and what share of their pieces is unknown."""


class _Model(Struct):
    """Unigram has the id, the others have the piece; those whose pieces are bytes know everything."""

    unk_id: int | None = None
    unk_token: str | None = None
    vocab: msgspec.Raw = msgspec.Raw(b"{}")


class _Tokenizer(Struct):
    model: _Model


def unknown_id(tokenizer: bytes) -> int:
    """The id of the piece that stands for what is in no other, in a ``tokenizer.json``; -1 when there is none."""
    model = msgspec.json.decode(tokenizer, type=_Tokenizer).model
    if model.unk_id is not None:
        return model.unk_id
    if model.unk_token is None:
        return -1
    return msgspec.json.decode(model.vocab, type=dict[str, int]).get(model.unk_token, -1)


def unknown_shares(ids: NDArray[np.int64], lengths: NDArray[np.int64], unknown: int) -> list[float]:
    """The share of each document's pieces that are unknown, 0 to 1; ``ids`` are of all documents, flat."""
    owners = np.repeat(np.arange(len(lengths)), lengths)[ids == unknown]
    shares: list[float] = (np.bincount(owners, minlength=len(lengths)) / np.maximum(lengths, 1)).tolist()
    return shares
