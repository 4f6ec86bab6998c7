"""Steps that are taken over and over, in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import cycle

_log = logging.getLogger(__name__)


class BackgroundLoop:
    """Awaits ``steps``, one of which sleeps, in turn, over and over, from ``start`` to ``stop``.

    What a step raises does not end it: it is logged, once until that step works again.
    """

    def __init__(self, *steps: Callable[[], Awaitable[object]]) -> None:
        self._steps = steps
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins on the running event loop. To be called once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Cuts the step under way short, and returns when it has ended; does nothing when there is none."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        failing: set[Callable[[], Awaitable[object]]] = set()
        for step in cycle(self._steps):
            try:
                await step()
            except Exception:
                if step not in failing:
                    _log.exception("A background loop fails. It goes on, and is silent until it works again.")
                failing.add(step)
            else:
                failing.discard(step)
