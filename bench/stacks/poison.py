"""A text that passes every check and makes the tokenizer raise, as a fault in it or in the model would."""

from collections.abc import Sequence

from tokenizers import Tokenizer

from adapters.analyzers.onnx import pipeline
from adapters.analyzers.onnx.features import Encoded, encode
from bench.texts import POISON


def poisoned_tokenizer() -> None:
    """From now on the model's tokenizer raises on POISON."""
    pipeline.encode = _raising  # type: ignore[attr-defined]


def _raising(tokenizer: Tokenizer, texts: Sequence[str]) -> Encoded:
    if POISON in texts:
        raise ValueError("poison")
    return encode(tokenizer, texts)
