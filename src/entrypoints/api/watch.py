"""Looking after a request: its body may be late, its caller may go away, its deadline may pass."""

import asyncio
from types import TracebackType
from typing import Self

from litestar.types import Receive

from entrypoints.api.cutoff import Cutoff
from entrypoints.api.errors import ClientGoneError
from entrypoints.api.reading import slow_body
from entrypoints.api.settings import Limits
from sentiment_core.errors import DeadlineExceededError

GRACE_S = 0.02
"""Seconds that a request is left alone. Most are answered by then, and the watch costs them one timer."""

OVERTIME_S = 0.05
"""Seconds past the deadline that an analyzer has to say so itself, which spares the finished part of a batch."""


class Watch(Cutoff):
    """Cuts the block short when the body is late and, once it is there, when the client goes or the time is over."""

    __slots__ = ("_body", "_end", "_limits", "_loop", "_receive", "_timer", "_watching")

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._limits = limits
        self._body = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(GRACE_S, self._start)
        return self

    def body_read(self, time_left: float) -> None:
        """What ``receive`` gives from now on is the client's going; the answer has ``time_left`` seconds."""
        self._end = self._loop.time() + time_left + OVERTIME_S
        self._body.set()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        super().__exit__(kind, error, trace)

    def _start(self) -> None:
        self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        try:
            async with asyncio.timeout(self._limits.body_timeout_s - GRACE_S):
                await self._body.wait()
        except TimeoutError:
            self.cut(slow_body(self._limits))
            return
        try:
            async with asyncio.timeout_at(self._end):
                await self._client_gone()
        except TimeoutError:
            self.cut(DeadlineExceededError("There was no answer within the request's deadline; allow it more time."))
        else:
            self.cut(ClientGoneError())

    async def _client_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
