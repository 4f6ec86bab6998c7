"""What a network may do to a connection: each fault passes the bytes of a link on in its own way, or does not."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import ClassVar

from tests.standins.doorway import Door


class Link:
    """One connection through the proxy: a client and the server behind. ``replied`` counts the reply's bytes so far."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.replied = 0
        self._client = client
        self._server = server

    async def to_server(self, data: bytes) -> None:
        self.replied = 0
        self._server.write(data)
        await self._server.drain()

    async def to_client(self, data: bytes) -> None:
        self.replied += len(data)
        self._client.write(data)
        await self._client.drain()

    def close(self) -> None:
        """Ends it in good order, once what was written is sent."""
        self._client.close()
        self._server.close()

    def reset(self) -> None:
        """Ends it by a TCP reset; what the client has not read yet is lost to it."""
        at_once = struct.pack("ii", 1, 0)
        self._client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self._client.transport.abort()
        self._server.close()


@dataclass(frozen=True)
class Fault:
    """None at all: everything passes. A real one overrides what it spoils."""

    door: ClassVar[Door] = Door.OPEN

    async def request(self, data: bytes, link: Link) -> None:
        """The client has sent ``data``."""
        await link.to_server(data)

    async def reply(self, data: bytes, link: Link) -> None:
        """The server has sent ``data``."""
        await link.to_client(data)

    async def end(self, link: Link) -> None:
        """The server has closed its end."""
        link.close()


@dataclass(frozen=True)
class Latency(Fault):
    """Every piece of a reply comes so many seconds late."""

    seconds: float

    async def reply(self, data: bytes, link: Link) -> None:
        await asyncio.sleep(self.seconds)
        await link.to_client(data)


@dataclass(frozen=True)
class Blackhole(Fault):
    """Connections are accepted; the server never hears of a request, nor the client of anything."""

    async def request(self, data: bytes, link: Link) -> None:
        pass


@dataclass(frozen=True)
class Unaccepting(Blackhole):
    """New connections are neither accepted nor refused; those that are open already are black holes."""

    door = Door.JAMMED


@dataclass(frozen=True)
class Reset(Fault):
    """The connection is reset by the first byte of a request, which the server never hears of."""

    async def request(self, data: bytes, link: Link) -> None:
        link.reset()


@dataclass(frozen=True)
class Refusing(Reset):
    """New connections are refused; those that are open already are reset."""

    door = Door.SHUT


@dataclass(frozen=True)
class Drip(Fault):
    """A reply comes byte by byte, so many seconds apart."""

    seconds: float

    async def reply(self, data: bytes, link: Link) -> None:
        for byte in data:
            await link.to_client(bytes([byte]))
            await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Cut(Fault):
    """The connection ends after so many bytes of a reply, in good order or with a reset."""

    after: int
    reset: bool = False

    async def reply(self, data: bytes, link: Link) -> None:
        room = self.after - link.replied
        await link.to_client(data[:room])
        if len(data) >= room:
            link.reset() if self.reset else link.close()


@dataclass(frozen=True)
class Corrupt(Fault):
    """Every byte of a reply has its highest bit flipped, from the one at ``begin`` on."""

    begin: int = 0

    async def reply(self, data: bytes, link: Link) -> None:
        sound = max(self.begin - link.replied, 0)
        await link.to_client(data[:sound] + bytes(byte ^ 0x80 for byte in data[sound:]))


@dataclass(frozen=True)
class SlowClose(Fault):
    """That the server has closed its end is heard so many seconds late."""

    seconds: float

    async def end(self, link: Link) -> None:
        await asyncio.sleep(self.seconds)
        link.close()
