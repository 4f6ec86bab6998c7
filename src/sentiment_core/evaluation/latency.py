"""How long an answer takes."""

import math
from collections.abc import Sequence

from sentiment_core.evaluation.figures import Latency
from sentiment_core.evaluation.run import Sample
from sentiment_core.models import Document, Options
from sentiment_core.ports import Analyzer, Clock

LATENCY_TEXTS = 300
"""Texts that are timed at most: the time of the third slowest of them is the 99th percentile."""

LATENCY_SHARE = 0.1
"""Of all texts, those that are timed at most, since an analyzer may be paid for."""


async def measure_latency(samples: Sequence[Sample], analyzers: Sequence[Analyzer], *, clock: Clock) -> list[Latency]:
    """The latency of each analyzer. They take turns at every text, so that a busy machine is the same for all."""
    times: list[list[float]] = [[] for _ in analyzers]
    for document in timed_documents(samples):
        for analyzer, seconds in zip(analyzers, times, strict=True):
            begin = clock()
            await analyzer.analyze([document], Options())
            seconds.append(clock() - begin)
    return [Latency(len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.99)) for seconds in times]


def timed_documents(samples: Sequence[Sample]) -> list[Document]:
    """The texts that are timed: of all languages and tasks, at even distances."""
    documents = [Document(text, sample.language) for sample in samples for text in sample.texts]
    count = min(LATENCY_TEXTS, math.ceil(LATENCY_SHARE * len(documents)))
    return [documents[place * len(documents) // count] for place in range(count)]


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that ``share`` (0 to 1) of the values do not exceed (nearest rank); 0 without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
