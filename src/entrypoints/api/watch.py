"""Looking after a request that takes longer than most: its caller may go away, its deadline may pass."""

import asyncio
import math
from types import TracebackType
from typing import Self

from litestar.types import Receive

from entrypoints.api.cutoff import Cutoff
from entrypoints.api.errors import ClientGoneError
from sentiment_core.errors import DeadlineExceededError

GRACE_S = 0.02
"""Seconds that a request is left alone. Most are answered by then, and the watch costs them one timer."""

OVERTIME_S = 0.05
"""Seconds past the deadline that an analyzer has to say so itself, which spares the finished part of a batch."""


class Watch(Cutoff):
    """Cuts the block short once the client has gone, or once ``time_left`` seconds and some overtime have passed.

    ``receive`` must have given the whole body: what it gives from then on is the client's going away.
    """

    __slots__ = ("_receive", "_time_left", "_timer", "_watching")

    def __init__(self, receive: Receive, time_left: float) -> None:
        self._receive = receive
        self._time_left = max(time_left, 0.0) + OVERTIME_S
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        self._timer = asyncio.get_running_loop().call_later(GRACE_S, self._start)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        super().__exit__(kind, error, trace)

    def _start(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        limit = None if math.isinf(self._time_left) else self._time_left - GRACE_S
        try:
            async with asyncio.timeout(limit):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            self.cut(DeadlineExceededError("There was no answer within the request's deadline; allow it more time."))
        else:
            self.cut(ClientGoneError())
