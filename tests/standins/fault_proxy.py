"""A TCP proxy of the tests' own, which does to connections what networks do.

::

    with FaultProxy(comprehend.endpoint_url) as proxy:
        ... proxy.endpoint_url ...  # as good as comprehend's own
        proxy.fault = Blackhole()  # from now on, also on connections that are open; see network_faults
        proxy.fault = Fault()  # all is well again
        proxy.fail(Reset())  # the next new connection only
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Coroutine
from typing import Any, Self
from urllib.parse import urlsplit

from tests.standins.background import BackgroundLoop
from tests.standins.doorway import Doorway
from tests.standins.network_faults import Fault, Link

PIECE = 65_536


class FaultProxy:
    """Passes connections on to a server, from ``with`` to its end, in a thread, on an ``endpoint_url`` of its own.

    ``connections`` counts the accepted ones, ``open`` those of them that have not ended.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.connections = 0
        self.open = 0
        self._server = urlsplit(endpoint_url)
        self._fault = Fault()
        self._scripted: deque[Fault] = deque()
        self._serving: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly
        self._doorway = Doorway(self._welcome)
        self._background = BackgroundLoop("fault-proxy")
        self.endpoint_url = "http://{}:{}".format(*self._doorway.address)

    @property
    def fault(self) -> Fault:
        """What all connections suffer that have no fault of their own. A new one is in force when it is assigned."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._fault = fault
        self._background.call(self._doorway.turn(fault.door))

    def fail(self, *faults: Fault) -> None:
        """One fault each for the next new connections."""
        self._scripted.extend(faults)

    def __enter__(self) -> Self:
        self._background.start()
        self.fault = Fault()
        return self

    def __exit__(self, *_: object) -> None:
        self._background.call(self._doorway.close())
        self._background.stop()

    def _welcome(self, client: socket.socket) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(client, self._scripted.popleft() if self._scripted else None))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, client: socket.socket, scripted: Fault | None) -> None:
        self.open += 1
        try:
            from_client, to_client = await asyncio.open_connection(sock=client)
            with contextlib.closing(to_client):
                from_server, to_server = await asyncio.open_connection(self._server.hostname, self._server.port)
                with contextlib.closing(to_server):
                    link = Link(to_client, to_server)
                    await _either(
                        self._requests(from_client, link, scripted), self._replies(from_server, link, scripted)
                    )
        except OSError:  # either end is gone, and with it the connection
            pass
        finally:
            self.open -= 1

    async def _requests(self, reader: asyncio.StreamReader, link: Link, scripted: Fault | None) -> None:
        while data := await reader.read(PIECE):
            await (scripted or self._fault).request(data, link)

    async def _replies(self, reader: asyncio.StreamReader, link: Link, scripted: Fault | None) -> None:
        while data := await reader.read(PIECE):
            await (scripted or self._fault).reply(data, link)
        await (scripted or self._fault).end(link)


async def _either(*ways: Coroutine[Any, Any, None]) -> None:
    """Until the first of them ends; the others are cancelled."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
