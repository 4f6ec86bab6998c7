"""A model folder's reference for drift: its answers to labelled texts, added up."""

import asyncio
from pathlib import Path

from adapters.analyzers.onnx.analyzer import MAX_BYTES, OnnxAnalyzer
from sentiment_core.drift import REFERENCE, Profile, Reference
from sentiment_core.evaluation import load_samples
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import Document
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.ports import Dataset

TEXTS = 2_000
"""Of a language, at the most: beside them what chance does to the latest documents is the larger part."""


def write_reference(model: Path, dataset: Dataset, split: str = "test") -> Path:
    """Writes ``reference.json`` into a model folder, from its answers to the sentiment texts of a split.

    Raises DatasetError when the data is missing or broken, AnalyzerUnavailableError when the model is.
    """
    samples = load_samples(dataset, LANGUAGES, split, TEXTS)
    documents = [Document(example.text, each.language) for each in samples for example in each.sentiment]
    path = model / REFERENCE
    path.write_bytes(asyncio.run(_ask(model, documents)).encode())
    return path


async def _ask(model: Path, documents: list[Document]) -> Reference:
    profile = Profile()
    analyzer = SplittingAnalyzer(OnnxAnalyzer(model, on_unknown=profile.observe_unknown), MAX_BYTES)
    try:
        return await profile.ask(analyzer, documents)
    finally:
        await analyzer.aclose()
