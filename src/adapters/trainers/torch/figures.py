"""The finished model's figures on the test split, as ``sentiment evaluate --json`` would write them."""

import asyncio
import time
from pathlib import Path

import msgspec

from adapters.analyzers.onnx.analyzer import MAX_BYTES, OnnxAnalyzer
from adapters.trainers.torch.progress import StageProgress
from sentiment_core.evaluation import Evaluation, Sample, examine, load_samples
from sentiment_core.languages import LANGUAGES
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.ports import Dataset, LanguageDetector


def measure(model: Path, dataset: Dataset, detector: LanguageDetector) -> bytes:
    """Evaluate a model folder on all test rows; long texts are split as the service does. Gives JSON."""
    samples = load_samples(dataset, LANGUAGES, "test")
    evaluation = asyncio.run(_evaluate(model, samples, detector))
    return msgspec.json.format(msgspec.json.encode(evaluation), indent=2) + b"\n"


async def _evaluate(model: Path, samples: list[Sample], detector: LanguageDetector) -> Evaluation:
    analyzer = SplittingAnalyzer(OnnxAnalyzer(model), MAX_BYTES)
    done = 0
    with StageProgress("test", sum(len(sample.texts) for sample in samples)) as progress:

        def advance(texts: int) -> None:
            nonlocal done
            done += texts
            progress.reach(done)

        try:
            examination = await examine(
                samples, analyzer, detector, split="test", limit=None, clock=time.perf_counter, advance=advance
            )
            return examination.figures
        finally:
            await analyzer.aclose()
