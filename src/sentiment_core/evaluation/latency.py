"""How long an answer takes."""

import math
from collections.abc import Sequence

from msgspec import Struct

from sentiment_core.evaluation.run import Sample
from sentiment_core.models import Document, Options
from sentiment_core.ports import Analyzer, Clock

LATENCY_TEXTS = 300
"""Texts that are timed: the third longest of them is the 99th percentile."""


class Latency(Struct, frozen=True):
    """Of texts asked one after another, for all three features. p50 and p99 are in seconds."""

    texts: int
    p50: float
    p99: float


async def measure_latency(
    samples: Sequence[Sample], analyzers: Sequence[Analyzer], *, clock: Clock, texts: int = LATENCY_TEXTS
) -> list[Latency]:
    """The latency of each analyzer. They take turns at every text, so that a busy machine is the same for all."""
    times: list[list[float]] = [[] for _ in analyzers]
    for document in timed_documents(samples, texts):
        for analyzer, seconds in zip(analyzers, times, strict=True):
            begin = clock()
            await analyzer.analyze([document], Options())
            seconds.append(clock() - begin)
    return [Latency(len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.99)) for seconds in times]


def timed_documents(samples: Sequence[Sample], texts: int = LATENCY_TEXTS) -> list[Document]:
    """At most so many texts of all languages and tasks, at even distances."""
    documents = [Document(text, sample.language) for sample in samples for text in sample.texts]
    count = min(texts, len(documents))
    return [documents[place * len(documents) // count] for place in range(count)]


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that ``share`` (0 to 1) of the values do not exceed (nearest rank); 0 without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
