"""Which texts are run together, and what one does to the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from adapters.analyzers.onnx import pipeline
from adapters.analyzers.onnx.analyzer import BATCH, BATCH_BYTES, OnnxAnalyzer, _batches
from adapters.analyzers.onnx.features import Encoded, encode
from sentiment_core.errors import AnalyzerError
from sentiment_core.models import Analysis, Document, Options


async def test_a_text_that_breaks_the_tokenizer_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its neighbours are run again without it, and are answered."""

    def breaking(tokenizer: Tokenizer, texts: list[str]) -> Encoded:
        if "poison" in texts:
            raise ValueError
        return encode(tokenizer, texts)

    monkeypatch.setattr(pipeline, "encode", breaking)
    analyzer = OnnxAnalyzer()

    before, poisoned, after = await analyzer.analyze([Document(t) for t in ("Fine.", "poison", "Bad.")], Options())

    assert isinstance(before, Analysis)
    assert type(poisoned) is AnalyzerError
    assert isinstance(after, Analysis)
    await analyzer.aclose()


@given(st.lists(st.integers(0, 2 * BATCH_BYTES), max_size=200))
def test_each_document_is_in_one_batch_which_is_padded_to_no_more_than_the_limit(sizes: list[int]) -> None:
    """A text beyond the limit, which the policies never let through, is run alone."""
    batches = list(_batches(dict(enumerate(sizes))))

    assert sorted(place for batch in batches for place in batch) == list(range(len(sizes)))
    for batch in batches:
        assert 1 <= len(batch) <= BATCH
        assert len(batch) == 1 or len(batch) * max(sizes[place] for place in batch) <= BATCH_BYTES
