"""What every policy shares: it wraps an analyzer, and is one."""

import asyncio
import math
from collections.abc import Sequence
from typing import TypeGuard

from msgspec.structs import replace

from sentiment_core.errors import DeadlineExceededError
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.ports import Analyzer, Clock

GRACE = 0.1
"""Part of a reserve after which an analyzer that has not kept its deadline is cut."""


class AnalyzerDecorator:
    """Forwards everything to ``inner``; a policy overrides ``analyze``. Its repr nests, like its construction.

    Name and version are those of the nearest analyzer inside that has its own, which is asked straight away: to go to
    it from each policy to the next, at every look into the cache, took longer than to make the key.
    """

    def __init__(self, inner: Analyzer) -> None:
        self.inner = inner
        self._named_after: Analyzer = inner._named_after if _forwards_names(inner) else inner

    @property
    def name(self) -> str:
        return self._named_after.name

    @property
    def model_version(self) -> str:
        return self._named_after.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        return await self.inner.analyze(documents, options)

    async def ready(self) -> None:
        await self.inner.ready()

    async def aclose(self) -> None:
        await self.inner.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"


def _forwards_names(analyzer: Analyzer) -> TypeGuard[AnalyzerDecorator]:
    kind = type(analyzer)
    return (
        isinstance(analyzer, AnalyzerDecorator)
        and kind.name is AnalyzerDecorator.name
        and kind.model_version is AnalyzerDecorator.model_version
    )


async def analyze_rest(inner: Analyzer, prepared: Sequence[Document | Outcome], options: Options) -> list[Outcome]:
    """Has ``inner`` answer the documents among ``prepared``; what is an outcome already keeps its place."""
    rest = [item for item in prepared if isinstance(item, Document)]
    answers = await inner.analyze(rest, options) if rest else []
    if len(rest) == len(prepared):
        return answers
    in_turn = iter(answers)
    return [next(in_turn) if isinstance(item, Document) else item for item in prepared]


async def ask_first(
    analyzer: Analyzer, documents: Sequence[Document], options: Options, *, reserve: float, clock: Clock
) -> list[Outcome]:
    """Has ``analyzer`` answer while there is time for another to answer after it.

    It has the deadline less ``reserve`` seconds, at most half of the time that is left, and is cut when it does not
    keep to that.
    """
    left = options.deadline - clock()
    reserve = min(reserve, left / 2)
    limit = None if left == math.inf else left - reserve * (1 - GRACE)
    try:
        async with asyncio.timeout(limit) as cut:
            return await analyzer.analyze(documents, replace(options, deadline=options.deadline - reserve))
    except TimeoutError:
        if not cut.expired():
            raise
        return [late()] * len(documents)


def late() -> DeadlineExceededError:
    """The outcome that has not come."""
    return DeadlineExceededError("The deadline passed before the analyzer answered: allow it more time.")
