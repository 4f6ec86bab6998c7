"""Connections that are kept for the next call."""

import asyncio
from collections.abc import Awaitable, Callable

from adapters.analyzers.comprehend.connection import Connection, Reply

KEEP_S = 10.0
"""Seconds that a connection may be idle and still be used: AWS closes one that was idle for longer than this."""


class ConnectionPool:
    """At most ``size`` connections, opened when none is idle, each with one request at a time; more wait for one."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._free = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()

    async def ask(self, request: bytes) -> Reply:
        """As of :class:`Connection`; raises what opening one raises, too."""
        async with self._free:
            connection = self._next_idle() or await self._connect()
            self._busy.add(connection)
            try:
                return await connection.ask(request)
            finally:
                self._busy.discard(connection)
                if connection.usable:
                    self._idle.append(connection)

    def close(self) -> None:
        """Also what is under way; a second call does nothing."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()

    def _next_idle(self) -> Connection | None:
        """The one that was used last, so that those that are not needed grow old."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_s < KEEP_S:
                return connection
            connection.close()
        return None
