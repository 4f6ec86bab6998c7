"""What the gate has to know of an analyzer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from sentiment_core.evaluation import Examination, Latency, Sample, examine, measure_latency
from sentiment_core.evaluation.run import Advance
from sentiment_core.models import Options
from sentiment_core.ports import Analyzer, Clock, LanguageDetector
from sentiment_core.probing import GOLDEN, GoldenMistake, golden_mistakes


@dataclass(frozen=True, slots=True)
class Candidate:
    """An analyzer that is to be measured, and the bytes of its model folder."""

    analyzer: Analyzer
    bytes: int


class Measured(Struct, frozen=True):
    """All that was found out about a candidate."""

    examination: Examination
    latency: Latency
    bytes: int
    golden_mistakes: list[GoldenMistake]


async def measure(
    candidates: Sequence[Candidate],
    samples: Sequence[Sample],
    detector: LanguageDetector,
    *,
    split: str,
    limit: int | None,
    clock: Clock,
    advance: Advance = lambda _: None,
) -> list[Measured]:
    """What is found out about each candidate, on the same texts. Golden texts are those of the samples' languages.

    ``split`` and ``limit`` are how the samples were taken, for the record; ``advance`` is told of each candidate's
    texts.
    """
    analyzers = [candidate.analyzer for candidate in candidates]
    examinations = [
        await examine(samples, analyzer, detector, split=split, limit=limit, clock=clock, advance=advance)
        for analyzer in analyzers
    ]
    latencies = await measure_latency(samples, analyzers, clock=clock)
    languages = {sample.language for sample in samples}
    golden = {document: label for document, label in GOLDEN.items() if document.language in languages}
    mistakes = [await golden_mistakes(analyzer, Options(), golden or GOLDEN) for analyzer in analyzers]
    sizes = [candidate.bytes for candidate in candidates]
    return [Measured(*found) for found in zip(examinations, latencies, sizes, mistakes, strict=True)]


def folder_bytes(folder: Path) -> int:
    """The size of all files in a model folder, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
