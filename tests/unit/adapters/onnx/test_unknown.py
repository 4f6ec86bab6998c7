"""What of a text a model does not know."""

import json
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE, Unigram, WordLevel, WordPiece

from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
from adapters.analyzers.onnx.unknown import unknown_id, unknown_shares
from sentiment_core.models import Document, Options

VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "a": 2}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (lambda: Unigram([("<pad>", 0.0), ("a", 0.0), ("<unk>", 0.0)], unk_id=2, byte_fallback=False), 2),
        (lambda: WordPiece(VOCABULARY, unk_token="[UNK]"), 1),
        (lambda: WordLevel(VOCABULARY, unk_token="[UNK]"), 1),
        (lambda: BPE({"a": 0, "b": 1}, []), -1),
    ],
    ids=["unigram", "word piece", "word level", "bytes"],
)
def test_every_kind_of_tokenizer_says_which_piece_is_the_unknown_one(
    model: Callable[[], object], expected: int
) -> None:
    assert unknown_id(Tokenizer(model()).to_str().encode()) == expected


def test_a_tokenizer_that_names_no_piece_of_its_vocabulary_knows_everything() -> None:
    assert unknown_id(json.dumps({"model": {"unk_token": "[UNK]", "vocab": {"a": 0}}}).encode()) == -1


def test_the_share_is_of_each_documents_own_pieces() -> None:
    ids, lengths = np.array([1, 5, 5, 1, 7]), np.array([2, 0, 1, 2])

    assert unknown_shares(ids, lengths, 1) == [0.5, 0, 0, 0.5]
    assert unknown_shares(ids, lengths, -1) == [0, 0, 0, 0]


async def test_the_shipped_model_tells_how_much_of_a_text_it_does_not_know() -> None:
    told: dict[str, float] = {}

    def observe(documents: Sequence[Document], shares: Sequence[float]) -> None:
        told.update(zip((document.text for document in documents), shares, strict=True))

    analyzer = OnnxAnalyzer(on_unknown=observe)
    await analyzer.analyze([Document("Good staff."), Document("𓀀 𓀁"), Document("\ud800")], Options())
    await analyzer.aclose()

    assert told == {"Good staff.": 0, "𓀀 𓀁": 1}
