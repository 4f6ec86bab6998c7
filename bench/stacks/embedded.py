"""The embedded model as the peers call it: the files, tokenizer and decoding of this service, for equal work."""

from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.analyzers.onnx.bundle import Bundle
from adapters.analyzers.onnx.model import PACKAGED
from adapters.analyzers.onnx.pipeline import analyze_batch
from bench.stacks.poison import poisoned_tokenizer
from sentiment_core.model_folder import ModelFolder
from sentiment_core.models import ALL_FEATURES, Document

MAX_BATCH = 32
"""Texts of one run of the model, as in this service."""

WAIT_S = 0.005
"""How long a batch waits for more texts, with those that have a timer: some milliseconds of latency at low load, for
batches of more than one at high load."""

MAX_CHARACTERS = 5_000
"""What a peer's handler takes: with a longer text its whole batch would be padded to that length."""


class Model:
    """Loaded and used once, so that the first request finds everything ready."""

    def __init__(self) -> None:
        poisoned_tokenizer()
        self._bundle = Bundle(ModelFolder(PACKAGED), threads=1)
        self(["Ready?"])

    def __call__(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The sentiment, entities and key phrases of each text, as what goes into JSON."""
        documents = [Document(text, "en") for text in texts]
        answers: list[dict[str, Any]] = msgspec.to_builtins(
            analyze_batch(self._bundle, documents, ALL_FEATURES, "embedded")
        )
        return answers
