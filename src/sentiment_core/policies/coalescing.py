"""Documents of concurrent callers share batches."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Hashable, Sequence

from sentiment_core.errors import AnalyzerUnavailableError, DeadlineExceededError
from sentiment_core.metric_names import BATCH_SIZE, QUEUE_DEPTH, QUEUE_WAIT_SECONDS
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer, Clock, Metrics


class _Call:
    """One caller: the outcomes so far, and a future that is done when none is missing."""

    def __init__(self, size: int, options: Options) -> None:
        self.options = options
        self.outcomes: list[Outcome | None] = [None] * size
        self.missing = size
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.missing -= 1
        if not self.missing and not self.done.done():
            self.done.set_result(None)

    def expire(self) -> None:
        """Its time is up: what is missing stays so."""
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class _Waiting:
    __slots__ = ("call", "document", "index", "since")

    def __init__(self, call: _Call, index: int, document: Document, since: float) -> None:
        self.call = call
        self.index = index
        self.document = document
        self.since = since


def by_features(_: Document, options: Options) -> Hashable:
    """For analyzers whose batches may mix languages."""
    return options.features


def by_language_and_features(document: Document, options: Options) -> Hashable:
    """For analyzers whose batches are of one language."""
    return document.language, options.features


class CoalescingAnalyzer(AnalyzerDecorator):
    """Batch while busy: what queued while batches were under way forms the next ones; there is no timer.

    What arrives in one turn of the event loop arrives together, so that the callers of a batch, who come back together,
    do not find themselves in batches of one.
    At most ``max_concurrent`` batches are under way, each of at most ``max_documents`` documents with one ``key``.
    Keys take turns by the age of their oldest document. A caller that has gone away is dropped before its documents
    are handed on, and a batch whose callers have all gone is cancelled, wherever it waits. Each caller stops waiting at
    its own deadline, and a batch has the latest deadline of its callers.
    """

    def __init__(
        self,
        inner: Analyzer,
        *,
        max_documents: int,
        max_concurrent: int,
        key: Callable[[Document, Options], Hashable],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        super().__init__(inner)
        self._max_documents = max_documents
        self._max_concurrent = max_concurrent
        self._key = key
        self._metrics = metrics
        self._clock = clock
        self._queues: dict[Hashable, deque[_Waiting]] = {}
        self._label = inner.name
        self._batches: set[asyncio.Task[None]] = set()
        self._dispatching = False

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if not documents:
            return []
        now = self._clock()
        if options.deadline <= now:
            return [_late()] * len(documents)
        call = _Call(len(documents), options)
        for index, document in enumerate(documents):
            key = self._key(document, options)
            self._queues.setdefault(key, deque()).append(_Waiting(call, index, document, now))
        self._metrics.add(QUEUE_DEPTH, len(documents), self._label)
        self._dispatch_soon()
        await self._wait(call, options.deadline - now)
        return [_late() if outcome is None else outcome for outcome in call.outcomes]

    async def _wait(self, call: _Call, seconds: float) -> None:
        """Until the call is done or its time is up; when the caller goes away, ``done`` is cancelled."""
        if seconds == math.inf:
            await call.done
            return
        # A third of what asyncio.timeout costs, of which each document has one for each feature.
        timer = asyncio.get_running_loop().call_later(seconds, call.expire)
        try:
            await call.done
        finally:
            timer.cancel()

    def _dispatch_soon(self) -> None:
        """At the end of this turn of the event loop."""
        if not self._dispatching:
            self._dispatching = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._dispatching = False
        while len(self._batches) < self._max_concurrent and (batch := self._next_batch()):
            task = asyncio.create_task(self._answer(batch))
            self._batches.add(task)
            task.add_done_callback(self._finished)
            _cancel_when_all_have_gone(task, {waiting.call for waiting in batch})

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._dispatch()

    def _next_batch(self) -> list[_Waiting]:
        while self._queues:
            key = min(self._queues, key=lambda key: self._queues[key][0].since)
            queue = self._queues[key]
            batch: list[_Waiting] = []
            while queue and len(batch) < self._max_documents:
                waiting = queue.popleft()
                self._metrics.add(QUEUE_DEPTH, -1, self._label)
                if not waiting.call.done.done():
                    batch.append(waiting)
            if not queue:
                del self._queues[key]
            if batch:
                return batch
        return []

    async def _answer(self, batch: list[_Waiting]) -> None:
        now = self._clock()
        for waiting in batch:
            self._metrics.observe(QUEUE_WAIT_SECONDS, now - waiting.since, self._label)
        self._metrics.observe(BATCH_SIZE, len(batch), self._label)
        options = Options(batch[0].call.options.features, max(waiting.call.options.deadline for waiting in batch))
        try:
            outcomes = await self.inner.analyze([waiting.document for waiting in batch], options)
        except BaseException as error:  # a bug of the analyzer, or our own shutdown: each caller must hear of it
            for waiting in batch:
                waiting.call.fail(
                    error if isinstance(error, Exception) else AnalyzerUnavailableError("The service is shutting down.")
                )
            if not isinstance(error, Exception):
                raise
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.call.settle(waiting.index, outcome)

    async def aclose(self) -> None:
        for task in self._batches:
            task.cancel()
        await asyncio.gather(*self._batches, return_exceptions=True)
        await super().aclose()


def _cancel_when_all_have_gone(batch: asyncio.Task[None], calls: set[_Call]) -> None:
    left = len(calls)

    def gone(_: asyncio.Future[None]) -> None:
        nonlocal left
        left -= 1
        if not left:
            batch.cancel()  # in vain when the last one has not gone but been answered: the batch is over by then

    for call in calls:
        call.done.add_done_callback(gone)


def _late() -> DeadlineExceededError:
    return DeadlineExceededError("The deadline passed before the analyzer answered: allow it more time.")
