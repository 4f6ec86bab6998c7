"""The way to an endpoint: straight, or through a proxy."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from aiohappyeyeballs import start_connection
from botocore.httpsession import ProxyConfiguration

from adapters.analyzers.comprehend.connection import SILENCE_S, Connection

CONNECT_S = 1.0
"""Seconds until a connection, its TLS included, has to be there; a proxy's tunnel has SILENCE_S more."""

ATTEMPT_S = 0.25
"""Seconds before another address of the same name is tried beside the last one (RFC 8305)."""

P = TypeVar("P", bound=asyncio.Protocol)

_PORTS = {"http": 80, "https": 443}


class Route:
    """Opens connections to ``endpoint``, a URL, whose certificate ``tls`` checks; without it nothing is encrypted.

    Through ``proxy``, a URL, they are tunnels if they are encrypted; else the proxy passes on each request, which
    then begins with ``origin`` and has ``headers``.
    """

    def __init__(self, endpoint: str, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        self._endpoint = urlsplit(endpoint)
        self._tls = tls
        self._proxy = urlsplit(proxy) if proxy else None
        self._proxy_headers: Mapping[str, str] = ProxyConfiguration().proxy_headers_for(proxy) if proxy else {}
        passed_on = self._proxy is not None and tls is None
        self.origin = f"http://{_address(self._endpoint)}" if passed_on else ""
        self.headers = self._proxy_headers if passed_on else {}

    async def connect(self) -> Connection:
        """Raises OSError, which TimeoutError and ssl.SSLError are, when there is no way."""
        if self._proxy is None:
            return await _open(Connection, self._endpoint, self._tls)
        tls = (self._tls or ssl.create_default_context()) if self._proxy.scheme == "https" else None
        if self._tls is None:
            return await _open(Connection, self._proxy, tls)
        tunnel = await _open(_Tunnel, self._proxy, tls)
        try:
            async with asyncio.timeout(SILENCE_S):
                return await tunnel.reach(self._endpoint, self._proxy_headers, self._tls)
        except BaseException:
            tunnel.transport.abort()
            raise


class _Tunnel(asyncio.Protocol):
    """Asks a proxy for a connection to an endpoint."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def reach(self, endpoint: SplitResult, headers: Mapping[str, str], tls: ssl.SSLContext) -> Connection:
        address = f"{endpoint.hostname}:{_port(endpoint)}"
        lines = (f"CONNECT {address} HTTP/1.1", f"Host: {address}", *(f"{name}: {headers[name]}" for name in headers))
        self.transport.write("\r\n".join((*lines, "", "")).encode())
        await self._opened
        connection = Connection()
        transport = await asyncio.get_running_loop().start_tls(
            self.transport, connection, tls, server_hostname=endpoint.hostname
        )
        connection.connection_made(cast("asyncio.Transport", transport))
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" not in self._head or self._opened.done():
            return
        status = self._head.partition(b"\r\n")[0].partition(b" ")[2]
        if status.startswith(b"2"):
            self._opened.set_result(None)
        else:
            self._opened.set_exception(ConnectionRefusedError(f"The proxy refuses: {status[:50].decode('latin-1')}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(ConnectionResetError("The proxy closed the connection."))


async def _open(protocol: type[P], to: SplitResult, tls: ssl.SSLContext | None) -> P:
    loop = asyncio.get_running_loop()
    addresses = await loop.getaddrinfo(to.hostname, _port(to), type=socket.SOCK_STREAM)
    async with asyncio.timeout(CONNECT_S):
        opened = await start_connection(addresses, happy_eyeballs_delay=ATTEMPT_S, interleave=1)
        _, made = await loop.create_connection(
            protocol, sock=opened, ssl=tls, server_hostname=to.hostname if tls else None
        )
    return made


def _port(url: SplitResult) -> int:
    return url.port or _PORTS[url.scheme]


def _address(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]
