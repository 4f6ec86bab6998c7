"""Hours of waiting in milliseconds, the same at every run: an event loop whose time jumps to the next timer."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Runs ``work`` from second 0 of a VirtualTimeLoop.

    Inside, ``asyncio.get_running_loop().time`` is the Clock to give to policies. Raises RuntimeError when everything
    waits for what nobody will do. Threads and sockets do not belong in there: time would not wait for them.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Never sleeps: with nothing left to do it sets its clock to the time of the next timer."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self._advance))

    def time(self) -> float:
        return self._now

    def _advance(self, seconds: float) -> None:
        self._now += seconds


class _Selector(selectors.SelectSelector):
    """Waits by calling ``advance`` with the seconds that it was to wait."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        super().__init__()
        self._advance = advance

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        if timeout is None:
            raise RuntimeError("Everything waits for what nobody will do: there is no timer left.")
        self._advance(timeout)
        return []
