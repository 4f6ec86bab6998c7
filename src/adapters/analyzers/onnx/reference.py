"""A model folder's reference for drift: its answers to labelled texts, added up."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from adapters.analyzers.onnx.analyzer import MAX_BYTES, OnnxAnalyzer
from sentiment_core.drift import REFERENCE, Profile, Reference
from sentiment_core.evaluation import Sample
from sentiment_core.model_folder import stage
from sentiment_core.models import Document
from sentiment_core.policies.splitting import SplittingAnalyzer


def write_reference(model: Path, samples: Sequence[Sample]) -> Path:
    """Writes ``reference.json`` into a model's folder, from its answers to the samples' texts with a sentiment.

    ``model`` is what ``sentiment train`` writes, or a Hugging Face export. Raises AnalyzerUnavailableError when it is
    neither, or cannot answer.
    """
    documents = [Document(example.text, each.language) for each in samples for example in each.sentiment]
    with tempfile.TemporaryDirectory() as beside:  # an export has its manifest there
        reference = asyncio.run(_ask(stage(model, Path(beside, "model")).path, documents))
    path = model / REFERENCE
    path.write_bytes(reference.encode())
    return path


async def _ask(model: Path, documents: list[Document]) -> Reference:
    profile = Profile()
    analyzer = SplittingAnalyzer(OnnxAnalyzer(model, on_unknown=profile.observe_unknown), MAX_BYTES)
    try:
        await analyzer.ready()
        return await profile.ask(analyzer, documents)
    finally:
        await analyzer.aclose()
