"""Documents of concurrent callers share batches."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Hashable, Sequence

from msgspec import Struct

from sentiment_core.errors import AnalysisError, AnalyzerUnavailableError
from sentiment_core.metric_names import BATCH_SIZE, QUEUE_DEPTH, QUEUE_WAIT_SECONDS
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator, late
from sentiment_core.ports import Analyzer, Clock, Metrics


class Caller:
    """Who waits for ``size`` documents in ``rows`` queues, once in each: ``outcomes`` has a row after the other.

    It waits until no outcome is missing, or a whole row has failed, or its deadline is over, or it goes away. The
    batches that have something for it then hear of it, unless they have answered.
    """

    __slots__ = ("_done", "_left_of_row", "_size", "batches", "deadline", "missing", "outcomes")

    def __init__(self, size: int, deadline: float, rows: int = 1) -> None:
        self.deadline = deadline
        self.outcomes: list[Outcome | None] = [None] * (size * rows)
        self.missing = size * rows
        self.batches: list[_Batch] = []
        self._size = size
        self._left_of_row = [size] * rows
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def waits(self) -> bool:
        return not self._done.done()

    def settle(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.missing -= 1
        if isinstance(outcome, AnalysisError):
            row = index // self._size
            self._left_of_row[row] -= 1
            if not self._left_of_row[row]:
                self._end()
        if not self.missing:
            self._end()

    def fail(self, error: Exception) -> None:
        if self.waits:
            self._done.set_exception(error)

    async def wait(self, now: float) -> None:
        """Raises what it was failed with."""
        timer = None
        if self.deadline != math.inf:
            # A third of what asyncio.timeout costs, of which each request has one.
            timer = asyncio.get_running_loop().call_later(self.deadline - now, self._end)
        try:
            await self._done  # is cancelled when the caller goes away
        finally:
            if timer is not None:
                timer.cancel()
            if self.missing:
                for batch in self.batches:
                    batch.leave()

    def _end(self) -> None:
        if self.waits:
            self._done.set_result(None)


class _Waiting(Struct, gc=False):
    caller: Caller
    index: int
    document: Document
    options: Options
    since: float


class _Batch:
    """Is cancelled, wherever it waits, when all ``callers`` have left."""

    def __init__(self, waiting: list[_Waiting], answer: asyncio.Task[None]) -> None:
        self._answer = answer
        callers = {one.caller for one in waiting}
        self._callers = len(callers)
        for caller in callers:
            caller.batches.append(self)

    def leave(self) -> None:
        self._callers -= 1
        if not self._callers:
            self._answer.cancel()  # in vain when it is over


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
    At most ``max_concurrent`` batches are under way, each of at most ``max_documents`` documents with one ``key``. What
    waits is spread over the places that are free, as long as each batch has ``min_documents``: those of a small batch
    are answered while the next one is still being made. Keys take turns by the age of their oldest document.
    A caller that has gone away is dropped before its documents are handed on, and a batch whose callers have all gone
    is cancelled, wherever it waits. Each caller stops waiting at its own deadline, and a batch has the latest deadline
    of its callers.
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
        min_documents: int | None = None,
    ) -> None:
        """Without ``min_documents`` there are as few batches as can be."""
        super().__init__(inner)
        self._max_documents = max_documents
        self._min_documents = min_documents or max_documents
        self._max_concurrent = max_concurrent
        self._key = key
        self._metrics = metrics
        self._clock = clock
        self._queues: dict[Hashable, deque[_Waiting]] = {}
        self._label = inner.name
        self._answers: set[asyncio.Task[None]] = set()
        self._dispatching = False

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        if not documents:
            return []
        now = self._clock()
        if options.deadline <= now:
            return [late()] * len(documents)
        caller = Caller(len(documents), options.deadline)
        self.enqueue(documents, options, caller, now)
        await caller.wait(now)
        return [late() if outcome is None else outcome for outcome in caller.outcomes]

    def enqueue(
        self, documents: Sequence[Document], options: Options, caller: Caller, now: float, first: int = 0
    ) -> None:
        """Has ``caller`` told the outcomes of ``documents``, from its place ``first`` on."""
        for index, document in enumerate(documents, first):
            key = self._key(document, options)
            queue = self._queues.get(key)
            if queue is None:
                queue = self._queues[key] = deque()
            queue.append(_Waiting(caller, index, document, options, now))
        self._metrics.add(QUEUE_DEPTH, len(documents), self._label)
        if not self._dispatching:
            self._dispatching = True
            asyncio.get_running_loop().call_soon(self._dispatch)  # at the end of this turn of the event loop

    def _dispatch(self) -> None:
        self._dispatching = False
        while len(self._answers) < self._max_concurrent and (batch := self._next_batch()):
            answer = asyncio.create_task(self._answer(batch))
            self._answers.add(answer)
            answer.add_done_callback(self._finished)
            _Batch(batch, answer)

    def _finished(self, answer: asyncio.Task[None]) -> None:
        self._answers.discard(answer)
        self._dispatch()

    def _next_batch(self) -> list[_Waiting]:
        while self._queues:
            key = min(self._queues, key=lambda key: self._queues[key][0].since)
            queue = self._queues[key]
            batch: list[_Waiting] = []
            before = len(queue)
            size = self._share(before)
            while queue and len(batch) < size:
                waiting = queue.popleft()
                if waiting.caller.waits:
                    batch.append(waiting)
            self._metrics.add(QUEUE_DEPTH, len(queue) - before, self._label)
            if not queue:
                del self._queues[key]
            if batch:
                return batch
        return []

    def _share(self, waiting: int) -> int:
        """Documents of the next of the batches that ``waiting`` ones are spread over."""
        free = self._max_concurrent - len(self._answers)
        batches = min(free, math.ceil(waiting / self._min_documents))
        return min(self._max_documents, math.ceil(waiting / batches))

    async def _answer(self, batch: list[_Waiting]) -> None:
        now = self._clock()
        for waiting in batch:
            self._metrics.observe(QUEUE_WAIT_SECONDS, now - waiting.since, self._label)
        self._metrics.observe(BATCH_SIZE, len(batch), self._label)
        options = Options(batch[0].options.features, max([waiting.caller.deadline for waiting in batch]))
        try:
            outcomes = await self.inner.analyze([waiting.document for waiting in batch], options)
        except BaseException as error:  # a bug of the analyzer, or our own shutdown: each caller must hear of it
            for waiting in batch:
                waiting.caller.fail(
                    error if isinstance(error, Exception) else AnalyzerUnavailableError("The service is shutting down.")
                )
            if not isinstance(error, Exception):
                raise
        else:
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.caller.settle(waiting.index, outcome)

    async def aclose(self) -> None:
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await super().aclose()
