"""A listening socket whose port is kept while it takes nobody, or leaves everybody standing."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from enum import Enum

BACKLOG = 128


class Door(Enum):
    """What becomes of a new connection."""

    OPEN = "accepted"
    JAMMED = "neither accepted nor refused"
    SHUT = "refused"


class Doorway:
    """At ``address``; shut at first. ``welcome`` is given each connection that is accepted."""

    def __init__(self, welcome: Callable[[socket.socket], None]) -> None:
        self._welcome = welcome
        self._keeper = _bound(("127.0.0.1", 0))  # holds the port, and never listens
        self.address: tuple[str, int] = self._keeper.getsockname()
        self._door = Door.SHUT
        self._listener: socket.socket | None = None
        self._crowd: list[socket.socket] = []

    async def turn(self, door: Door) -> None:
        """From now on; connections that were accepted before are not touched."""
        if door is self._door:
            return
        self._shut()
        self._door = door
        if door is not Door.SHUT:
            self._listener = _bound(self.address)
            self._listener.setblocking(False)
            self._listener.listen(BACKLOG if door is Door.OPEN else 0)
        if door is Door.OPEN:
            asyncio.get_running_loop().add_reader(self._listener, self._accept, self._listener)
        if door is Door.JAMMED:
            await self._crowd_in()

    async def close(self) -> None:
        await self.turn(Door.SHUT)
        self._keeper.close()

    def _shut(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        while self._crowd:
            self._crowd.pop().close()

    def _accept(self, listener: socket.socket) -> None:
        # No task awaits connections: one that is cancelled as a connection comes would lose it, unclosed.
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            connection, _ = listener.accept()
            connection.setblocking(False)
            self._welcome(connection)

    async def _crowd_in(self) -> None:
        """Fills the kernel's queue of connections that wait to be accepted: it answers to nobody then."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            while True:
                self._crowd.append(socket.socket())
                self._crowd[-1].setblocking(False)
                await asyncio.wait_for(loop.sock_connect(self._crowd[-1], self.address), 0.1)


def _bound(address: tuple[str, int]) -> socket.socket:
    """A socket that shares its address with others like it, of which one may listen."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    return bound
