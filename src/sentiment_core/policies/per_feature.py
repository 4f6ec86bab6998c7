"""Each feature is asked for on a chain of its own."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sentiment_core.errors import AnalysisError
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.base import late
from sentiment_core.policies.coalescing import Caller, CoalescingAnalyzer
from sentiment_core.ports import Clock

_ALONE = {feature: frozenset({feature}) for feature in Feature}


class PerFeatureAnalyzer:
    """Asks the chain of every feature that is wanted, all at once, for that feature alone, and joins their answers.

    A document is answered whole: the first failure of a feature, in Comprehend's order, is the document's. When one
    chain has failed all documents, nobody needs the others' answers any more: they are given up, and what of them
    waits in a queue is never paid for. ``chains`` has every feature; they may end at one analyzer, whose name and
    version are theirs, and which is then closed more than once. It puts the documents into the chains' queues itself,
    as one caller: asking each chain for its outcomes took as long as all else between the door and the network.
    """

    def __init__(self, chains: Mapping[Feature, CoalescingAnalyzer], clock: Clock) -> None:
        self._chains = {feature: chains[feature] for feature in Feature}
        self._first = self._chains[Feature.SENTIMENT]
        self._clock = clock

    @property
    def name(self) -> str:
        return self._first.name

    @property
    def model_version(self) -> str:
        return self._first.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if not documents or not options.features:
            return await self._first.analyze(documents, options)
        now, size = self._clock(), len(documents)
        if options.deadline <= now:
            return [late()] * size
        wanted = [feature for feature in self._chains if feature in options.features]
        caller = Caller(size, options.deadline, len(wanted))
        for row, feature in enumerate(wanted):
            alone = Options(_ALONE[feature], options.deadline)
            self._chains[feature].enqueue(documents, alone, caller, now, row * size)
        await caller.wait(now)
        return [_join(wanted, caller.outcomes[index::size]) for index in range(size)]

    async def ready(self) -> None:
        for chain in self._chains.values():
            await chain.ready()

    async def aclose(self) -> None:
        await asyncio.gather(*(chain.aclose() for chain in self._chains.values()))

    def __repr__(self) -> str:
        chains = ", ".join(f"{feature}: {chain!r}" for feature, chain in self._chains.items())
        return f"{type(self).__name__}({{{chains}}})"


def _join(features: Sequence[Feature], parts: Sequence[Outcome | None]) -> Outcome:
    """One answer of the parts, each of which has one of the features; the first that failed, or else is missing."""
    analyses: list[Analysis] = []
    for part in parts:
        if isinstance(part, AnalysisError):
            return part
        if part is not None:
            analyses.append(part)
    if len(analyses) < len(features):
        return late()
    values = {feature: getattr(analysis, feature) for feature, analysis in zip(features, analyses, strict=True)}
    return replace(analyses[0], **values)
