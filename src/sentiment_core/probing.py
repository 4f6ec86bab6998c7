"""A golden probe: an analyzer that stands by is asked now and then, so that it is known to work before it is needed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.metric_names import ANALYZER_FIT
from sentiment_core.models import Analysis, Document, Options, Outcome, SentimentType
from sentiment_core.ports import Analyzer, Clock, Metrics

GOLDEN: Mapping[Document, SentimentType] = {
    Document("The staff were wonderful.", "en"): SentimentType.POSITIVE,
    Document("The food was terrible.", "en"): SentimentType.NEGATIVE,
    Document("Ich liebe dieses Produkt.", "de"): SentimentType.POSITIVE,
    Document("料理はひどかったです。", "ja"): SentimentType.NEGATIVE,
}
"""Texts about which no usable model is in doubt: of those that tests/behaviour wants right without exception."""

_log = logging.getLogger(__name__)


class GoldenMistake(Struct, frozen=True):
    """What was wanted of a text, and what was given: a label, an error's code, or that there is no sentiment."""

    document: Document
    wanted: SentimentType
    given: str


async def golden_mistakes(
    analyzer: Analyzer, options: Options, golden: Mapping[Document, SentimentType] = GOLDEN
) -> list[GoldenMistake]:
    """The golden texts that the analyzer is wrong about."""
    outcomes = await analyzer.analyze(list(golden), options)
    return [
        GoldenMistake(document, wanted, given)
        for (document, wanted), given in zip(golden.items(), map(_label, outcomes), strict=True)
        if given != wanted
    ]


class GoldenProbe:
    """Asks ``analyzer`` the golden texts every ``interval`` seconds, from ``start`` to ``stop``.

    It is fit (ANALYZER_FIT) while it gives all of them their label within ``timeout`` seconds. A change is logged,
    once. ``sleep`` is awaited between two rounds.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        metrics: Metrics,
        *,
        clock: Clock,
        golden: Mapping[Document, SentimentType] = GOLDEN,
        interval: float = 10.0,
        timeout: float = 5.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._analyzer = analyzer
        self._metrics = metrics
        self._clock = clock
        self._golden = golden
        self._timeout = timeout
        self._fit: bool | None = None
        self._rounds = BackgroundLoop(self._probe, lambda: sleep(interval))

    async def start(self) -> None:
        """Begins the rounds in the background of the running event loop. To be called once."""
        self._rounds.start()

    async def stop(self) -> None:
        """Ends the rounds at once, also one under way; does nothing when there are none."""
        await self._rounds.stop()

    async def _probe(self) -> None:
        mistake = await self._mistake()
        fit = not mistake
        self._metrics.set(ANALYZER_FIT, fit, self._analyzer.name)
        if mistake and self._fit is not False:
            _log.warning("The analyzer %s fails its golden texts: %s", self._analyzer.name, mistake)
        if fit and self._fit is False:
            _log.info("The analyzer %s is fit again.", self._analyzer.name)
        self._fit = fit

    async def _mistake(self) -> str:
        """What was wrong with the answers; empty when nothing was."""
        options = Options(deadline=self._clock() + self._timeout)
        try:
            async with asyncio.timeout(self._timeout):
                mistakes = await golden_mistakes(self._analyzer, options, self._golden)
        except Exception as error:  # whatever it is, the analyzer is unfit, and the probing goes on
            return type(error).__name__
        return f"{mistakes[0].wanted} was wanted, {mistakes[0].given} was given" if mistakes else ""


def _label(outcome: Outcome) -> str:
    if isinstance(outcome, Analysis):
        return outcome.sentiment.sentiment if outcome.sentiment else "no sentiment"
    return outcome.code
