"""When the primary fails, the secondary answers."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sentiment_core.errors import (
    AllFailedError,
    AnalysisError,
    AnalyzerError,
    AnalyzerUnavailableError,
    DeadlineExceededError,
    OverloadedError,
)
from sentiment_core.metric_names import FALLBACK_COUNT, FALLBACK_FAILURES
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator, ask_first, late
from sentiment_core.ports import Analyzer, Clock, Metrics


class FallbackAnalyzer(AnalyzerDecorator):
    """The secondary answers the documents that the primary failed; name and version are the primary's.

    The primary has the caller's deadline less ``reserve`` seconds, at most half of the time that is left. What it
    failed then with an AnalyzerError goes to the secondary in one call, with the caller's whole deadline. Such answers
    are ``degraded``, the reason is the code of the primary's error, and they name the secondary. An InputError is the
    caller's to mend, and stands.

    When the secondary fails as well, for whatever reason, the document is in order and may be sent again: that is an
    AllFailedError, unless there is no time left (DeadlineExceededError) or no room (OverloadedError).
    """

    def __init__(
        self, primary: Analyzer, secondary: Analyzer, *, reserve: float, clock: Clock, metrics: Metrics
    ) -> None:
        super().__init__(primary)
        self.secondary = secondary
        self._reserve = reserve
        self._clock = clock
        self._metrics = metrics

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if options.deadline <= self._clock():
            return [late()] * len(documents)
        outcomes = await ask_first(self.inner, documents, options, reserve=self._reserve, clock=self._clock)
        failures = {index: error for index, error in enumerate(outcomes) if isinstance(error, AnalyzerError)}
        if failures:
            await self._ask_secondary(documents, options, failures, outcomes)
        return outcomes

    async def _ask_secondary(
        self,
        documents: Sequence[Document],
        options: Options,
        failures: Mapping[int, AnalyzerError],
        outcomes: list[Outcome],
    ) -> None:
        """Puts the secondary's answers in the places of the failures."""
        for error in failures.values():
            self._metrics.add(FALLBACK_COUNT, 1, error.code)
        answers = await self.secondary.analyze([documents[index] for index in failures], options)
        for (index, error), answer in zip(failures.items(), answers, strict=True):
            if isinstance(answer, Analysis):
                outcomes[index] = replace(answer, degraded=True, degraded_reason=error.code)
            else:
                self._metrics.add(FALLBACK_FAILURES, 1, answer.code)
                outcomes[index] = _both_failed(error, answer)

    async def ready(self) -> None:
        """Returns when either would answer."""
        try:
            await self.inner.ready()
        except AnalyzerUnavailableError as error:
            try:
                await self.secondary.ready()
            except AnalyzerUnavailableError as second:
                raise AnalyzerUnavailableError(f"{error} {second}") from None

    async def aclose(self) -> None:
        await asyncio.gather(self.inner.aclose(), self.secondary.aclose())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r}, {self.secondary!r})"


def _both_failed(first: AnalyzerError, second: AnalysisError) -> AnalyzerError:
    if isinstance(second, DeadlineExceededError | OverloadedError):
        return second
    return AllFailedError(
        f"No analyzer could answer ({first.code}; then {second.code}): send it again in a few seconds."
    )
