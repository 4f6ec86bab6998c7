"""Each feature is asked for on a chain of its own."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sentiment_core.errors import AnalysisError
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.ports import Analyzer

_ALONE = {feature: frozenset({feature}) for feature in Feature}


class PerFeatureAnalyzer:
    """Asks the chain of every feature that is wanted, all at once, for that feature alone, and joins their answers.

    A document is answered whole: the first failure of a feature, in Comprehend's order, is the document's. When one
    chain has failed all documents, nobody needs the others' answers any more: they are given up, and what of them
    waits in a queue is never paid for. ``chains`` has every feature; they may end at one analyzer, whose name and
    version are theirs, and which is then closed more than once.
    """

    def __init__(self, chains: Mapping[Feature, Analyzer]) -> None:
        self._chains = {feature: chains[feature] for feature in Feature}
        self._first = self._chains[Feature.SENTIMENT]

    @property
    def name(self) -> str:
        return self._first.name

    @property
    def model_version(self) -> str:
        return self._first.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if not documents or not options.features:
            return await self._first.analyze(documents, options)
        wanted = [feature for feature in self._chains if feature in options.features]
        tasks = [
            asyncio.create_task(_ask(self._chains[feature], documents, Options(_ALONE[feature], options.deadline)))
            for feature in wanted
        ]
        try:
            return [_join(wanted, parts) for parts in zip(*await asyncio.gather(*tasks), strict=True)]
        except _AllFailedError as failed:
            return failed.outcomes
        finally:
            for task in tasks:
                task.cancel()

    async def ready(self) -> None:
        for chain in self._chains.values():
            await chain.ready()

    async def aclose(self) -> None:
        await asyncio.gather(*(chain.aclose() for chain in self._chains.values()))

    def __repr__(self) -> str:
        chains = ", ".join(f"{feature}: {chain!r}" for feature, chain in self._chains.items())
        return f"{type(self).__name__}({{{chains}}})"


class _AllFailedError(Exception):
    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


async def _ask(chain: Analyzer, documents: Sequence[Document], options: Options) -> list[Outcome]:
    outcomes = await chain.analyze(documents, options)
    if all(isinstance(outcome, AnalysisError) for outcome in outcomes):
        raise _AllFailedError(outcomes)
    return outcomes


def _join(features: Sequence[Feature], parts: Sequence[Outcome]) -> Outcome:
    """One answer of the parts, each of which has one of the features."""
    analyses: list[Analysis] = []
    for part in parts:
        if isinstance(part, AnalysisError):
            return part
        analyses.append(part)
    values = {feature: getattr(analysis, feature) for feature, analysis in zip(features, analyses, strict=True)}
    return replace(analyses[0], **values)
