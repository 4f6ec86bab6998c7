"""Looking after a request: its body may be late, its caller may go away, its deadline may pass."""

import asyncio
from types import TracebackType

from litestar.types import Receive

from entrypoints.api.cutoff import Cutoff
from entrypoints.api.errors import ClientGoneError
from entrypoints.api.reading import slow_body
from entrypoints.api.settings import Limits
from sentiment_core.errors import DeadlineExceededError
from sentiment_core.ports import Clock

ROUND_S = 0.02
"""Seconds between two rounds of the patrol."""

OVERTIME_S = 0.05
"""Seconds past the deadline that an analyzer has to say so itself, which spares the finished part of a batch."""


class Watch(Cutoff):
    """Cuts the block short when the body is late and, once it is there, when the client goes or the time is over.

    Nothing is watched before ``begin``.
    """

    __slots__ = ("_body", "_clock", "_deadline", "_limits", "_over", "_receive", "_watching")

    def __init__(self, receive: Receive, limits: Limits, clock: Clock) -> None:
        self._receive = receive
        self._limits = limits
        self._clock = clock
        self._deadline = 0.0  # not known yet
        self._body: asyncio.Event | None = None
        self._watching: asyncio.Task[None] | None = None
        self._over = False

    def begin(self) -> None:
        """From now on a task watches, unless the block has ended."""
        if not self._over:
            self._watching = asyncio.create_task(self._watch())

    def body_read(self, deadline: float) -> None:
        """What ``receive`` gives from now on is the client's going; the answer has until ``deadline``."""
        self._deadline = deadline
        if self._body is not None:
            self._body.set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._watching is not None:
            self._watching.cancel()
        super().__exit__(kind, error, trace)

    async def _watch(self) -> None:
        try:
            deadline = self._deadline or await self._body_there()
        except TimeoutError:
            self.cut(slow_body(self._limits))
            return
        try:
            async with asyncio.timeout(deadline - self._clock() + OVERTIME_S):
                await self._client_gone()
        except TimeoutError:
            self.cut(DeadlineExceededError("There was no answer within the request's deadline; allow it more time."))
        else:
            self.cut(ClientGoneError())

    async def _body_there(self) -> float:
        """The deadline, once the body has been read. Raises TimeoutError when it is late."""
        self._body = asyncio.Event()
        async with asyncio.timeout(self._limits.body_timeout_s - ROUND_S):
            await self._body.wait()
        return self._deadline

    async def _client_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


class Patrol:
    """Begins the watches of requests that take longer than a round; most are answered by then.

    One timer serves all requests, on one event loop: a timer of its own would cost a request more than all of its
    checks.
    """

    def __init__(self) -> None:
        self._fresh: list[Watch] = []
        self._seen: list[Watch] = []

    def add(self, watch: Watch) -> None:
        """The watch begins in one to two rounds, unless its block has ended by then."""
        if not self._fresh and not self._seen:
            self._next_round()
        self._fresh.append(watch)

    def _next_round(self) -> None:
        asyncio.get_running_loop().call_later(ROUND_S, self._round)

    def _round(self) -> None:
        due, self._seen, self._fresh = self._seen, self._fresh, []
        for watch in due:
            watch.begin()
        if self._seen:
            self._next_round()
