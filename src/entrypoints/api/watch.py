"""Looking after a request: its body may be late, its caller may go away, its deadline may pass."""

import asyncio
from collections.abc import Callable
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

OVERTIME_ROUNDS = 3
"""Rounds past the deadline in which an analyzer may still say so itself, which spares the finished part of a batch.

They are counted and not timed: when the event loop was held up, what has come meanwhile has its turn first.
"""

ClientGone = Callable[[], bool]
"""Tells whether the client has closed its connection. Our server puts one into the scope's state as ``client_gone``."""


class Watch(Cutoff):
    """Cuts the block short when the body is late and, once it is there, when the client goes or the time is over.

    It looks when it is told to. Without ``client_gone``, as behind another server than ours, only who waits for
    ``receive`` hears of the client's going, which takes a task.
    """

    __slots__ = ("_body_due", "_client_gone", "_deadline", "_limits", "_over", "_overtime", "_receive", "_waiting")

    def __init__(self, receive: Receive, client_gone: ClientGone | None, limits: Limits, body_due: float) -> None:
        self._receive = receive
        self._client_gone = client_gone
        self._limits = limits
        self._body_due = body_due
        self._deadline = 0.0  # not known yet
        self._waiting: asyncio.Task[None] | None = None
        self._overtime = 0
        self._over = False

    def body_read(self, deadline: float) -> None:
        """What ``receive`` gives from now on is the client's going; the answer has until ``deadline``."""
        self._deadline = deadline

    def look(self, now: float) -> bool:
        """Cuts the block at the instant ``now`` if there is a reason; whether there will be more to look at."""
        if self._over:
            return False
        if not self._deadline:
            if now >= self._body_due:
                self.cut(slow_body(self._limits))
        elif self._is_gone():
            self.cut(ClientGoneError())
        elif now >= self._deadline:
            self._overtime += 1
            if self._overtime == OVERTIME_ROUNDS:
                self.cut(
                    DeadlineExceededError("There was no answer within the request's deadline; allow it more time.")
                )
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._waiting is not None:
            self._waiting.cancel()
        super().__exit__(kind, error, trace)

    def _is_gone(self) -> bool:
        if self._client_gone is not None:
            return self._client_gone()
        self._waiting = self._waiting or asyncio.create_task(self._wait())
        return False

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.cut(ClientGoneError())


class Patrol:
    """Has the watches look in every round. What one of them raises ends its own block, and none of the others.

    One timer serves all requests, on one event loop: a timer of its own would cost a request more than all of its
    checks, and a task that waits twice as much.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watches: list[Watch] = []

    def add(self, watch: Watch) -> None:
        """From now on, until its block has ended."""
        if not self._watches:
            self._next_round()
        self._watches.append(watch)

    def _next_round(self) -> None:
        asyncio.get_running_loop().call_later(ROUND_S, self._round)

    def _round(self) -> None:
        now = self._clock()
        self._watches = [watch for watch in self._watches if _look(watch, now)]
        if self._watches:
            self._next_round()


def _look(watch: Watch, now: float) -> bool:
    try:
        return watch.look(now)
    except Exception as error:  # nobody would look after its request any more, so that has to end
        watch.cut(error)
        return False
