"""Sends hostile inputs over many connections at once, and counts the statuses that come back."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

from tests.fuzzing.inputs import HEAD

CONNECTIONS = 16
"""Few enough that all their documents are let in at once."""

PATIENCE_S = 0.05
"""How long the answer to what may be no whole request is waited for, before the connection is ended."""

HANG_S = 60.0
"""After so long the server hangs."""

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


async def send_bodies(port: int, bodies: Iterator[bytes], path: bytes) -> Counter[int]:
    """Each in a well-formed request with a good key; all of them have to be answered."""
    return await _together(_send_bodies(port, bodies, path) for _ in range(CONNECTIONS))


async def send_requests(port: int, requests: Iterator[bytes]) -> Counter[int]:
    """Each on a connection of its own, half of them in two parts. Status 0 counts those that got no answer."""
    return await _together(_send_requests(port, requests) for _ in range(CONNECTIONS))


async def _together(work: Iterator[object]) -> Counter[int]:
    return sum(await asyncio.gather(*work), Counter())  # type: ignore[call-overload, no-any-return]


async def _send_bodies(port: int, bodies: Iterator[bytes], path: bytes) -> Counter[int]:
    statuses: Counter[int] = Counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        writer.write(b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, HEAD, len(body), body))
        async with asyncio.timeout(HANG_S):
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
        statuses[int(head[9:12])] += 1
        if b"connection: close" in head:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return statuses


async def _send_requests(port: int, requests: Iterator[bytes]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    for request in requests:
        async with asyncio.timeout(HANG_S):
            received = await _exchange(port, request)
        statuses.update(map(int, _STATUS.findall(received)) if received else [0])
    return statuses


async def _exchange(port: int, request: bytes) -> bytes:
    received = b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        half = len(request) // 2 if len(request) % 2 else 0
        for part in filter(None, (request[:half], request[half:])):
            writer.write(part)
            await writer.drain()
        try:
            async with asyncio.timeout(PATIENCE_S):
                received = await reader.read(65_536)
        except TimeoutError:
            pass
        writer.write_eof()
        while chunk := await reader.read(65_536):
            received += chunk
    except OSError:  # it was closed while something was on its way
        pass
    finally:
        writer.close()
    return received
