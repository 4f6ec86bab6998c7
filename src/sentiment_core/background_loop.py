"""Steps that are taken over and over, in the background."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import cycle

_log = logging.getLogger(__name__)


class BackgroundLoop:
    """Awaits ``steps`` in turn, over and over, from ``start`` to ``stop``. One that raises ends it, and is logged."""

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
        try:
            for step in cycle(self._steps):
                await step()
        except Exception:  # here, because nobody awaits the task until it is stopped
            _log.exception("A background loop has failed, and does nothing more until the service is started again.")
