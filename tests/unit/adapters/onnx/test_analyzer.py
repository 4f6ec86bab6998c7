"""What one text does to those that share its batch."""

import pytest
from tokenizers import Tokenizer

from adapters.analyzers.onnx import pipeline
from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
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
