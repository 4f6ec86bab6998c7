"""What is paid for is counted."""

import math
from collections.abc import Iterable, Sequence

from sentiment_core.errors import InvalidReplyError
from sentiment_core.ledger import MICRODOLLARS, Ledger
from sentiment_core.metric_names import BILLED_UNITS, ESTIMATED_DOLLARS
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Metrics

CHARACTERS_PER_UNIT = 100
LEAST_UNITS = 3
MICRODOLLARS_PER_UNIT = 100
"""$0.0001, the first tier (https://aws.amazon.com/comprehend/pricing/). Dearer than later tiers: an upper estimate."""


class CostAnalyzer(AnalyzerDecorator):
    """Counts the units of each document that was answered, as metrics and in ``ledger``; stands innermost.

    What AWS charges for is an answered request. A broken reply counts as one; a call that was cut at its deadline
    may have been charged for and does not count. Whether the least units are for each document of a batch or for
    the batch, AWS does not say: for each, which is the dearer.
    """

    def __init__(self, inner: Analyzer, operation: str, *, ledger: Ledger, metrics: Metrics) -> None:
        super().__init__(inner)
        self._operation = operation
        self._ledger = ledger
        self._metrics = metrics

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        units = sum(
            billed_units(document.text)
            for document, outcome in zip(documents, outcomes, strict=True)
            if isinstance(outcome, Analysis | InvalidReplyError)
        )
        if units:
            self._metrics.add(BILLED_UNITS, units, self._operation)
            self._metrics.add(ESTIMATED_DOLLARS, units * MICRODOLLARS_PER_UNIT / MICRODOLLARS, self._operation)
            self._ledger.charge(units * MICRODOLLARS_PER_UNIT)
        return outcomes


def billed_units(text: str) -> int:
    """Units of 100 characters, the last one begun being whole; at least 3."""
    return max(LEAST_UNITS, math.ceil(len(text) / CHARACTERS_PER_UNIT))


def estimated_dollars(texts: Iterable[str]) -> float:
    """What one feature of each text costs. A text that has to be cut may cost a few units more."""
    return sum(map(billed_units, texts)) * MICRODOLLARS_PER_UNIT / MICRODOLLARS
