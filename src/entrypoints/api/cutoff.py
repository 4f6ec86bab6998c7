"""Ending a block of code from outside, with an exception of one's choice."""

import asyncio
from types import TracebackType
from typing import Self


class Cutoff:
    """While the block runs, ``cut(reason)`` cancels the task in it, and the block raises ``reason``.

    It is what asyncio.timeout is made of, without its timer (ours have other causes than time) and without the cost of
    an asynchronous context manager, which every request would pay.
    """

    __slots__ = ("_cancelling", "_reason", "_task")

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A cutoff needs a task to cut.")
        self._task = task
        self._cancelling = task.cancelling()
        self._reason: Exception | None = None
        return self

    def cut(self, reason: Exception) -> None:
        """Ends the block. Only the first reason counts."""
        if self._reason is None:
            self._reason = reason
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reason is None:
            return
        ours_alone = self._task.uncancel() <= self._cancelling
        if ours_alone and kind is asyncio.CancelledError:
            raise self._reason from None
