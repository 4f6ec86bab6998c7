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
from tests.standins.network_faults import Fault, Link

BACKLOG = 128
PIECE = 65_536


class FaultProxy:
    """Passes connections on to a server, from ``with`` to its end, in a thread, on an ``endpoint_url`` of its own.

    ``connections`` counts the accepted ones, ``open`` those of them that have not ended.
    """

    def __init__(self, endpoint_url: str) -> None:
        self._server = urlsplit(endpoint_url)
        self.endpoint_url = ""
        self.connections = 0
        self.open = 0
        self._fault = Fault()
        self._scripted: deque[Fault] = deque()
        self._background = BackgroundLoop("fault-proxy")
        self._accepting: asyncio.Task[None] | None = None
        self._crowd: list[socket.socket] = []

    @property
    def fault(self) -> Fault:
        """What all connections suffer that have no fault of their own. A new one is in force when it is assigned."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._background.call(self._switch(fault))

    def fail(self, *faults: Fault) -> None:
        """One fault each for the next new connections."""
        self._scripted.extend(faults)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self._listener.setblocking(False)
        self.endpoint_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._background.start()
        self.fault = Fault()
        return self

    def __exit__(self, *_: object) -> None:
        self._background.stop()
        for one in (*self._crowd, self._listener):
            one.close()

    async def _switch(self, fault: Fault) -> None:
        self._fault = fault
        if fault.accepting and self._accepting is None:
            self._disperse()
            self._accepting = asyncio.create_task(self._accept())
        elif not fault.accepting and self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait((self._accepting,))
            self._accepting = None
            await self._crowd_out()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        connections: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly
        while True:
            client, _ = await loop.sock_accept(self._listener)
            self.connections += 1
            task = loop.create_task(self._serve(client, self._scripted.popleft() if self._scripted else None))
            connections.add(task)
            task.add_done_callback(connections.discard)

    async def _crowd_out(self) -> None:
        """Fills the kernel's queue of connections to be accepted: it answers to nobody then."""
        loop = asyncio.get_running_loop()
        self._listener.listen(0)  # of a listening socket it changes the length of the queue
        with contextlib.suppress(TimeoutError):
            while True:
                self._crowd.append(socket.socket())
                self._crowd[-1].setblocking(False)
                await asyncio.wait_for(loop.sock_connect(self._crowd[-1], self._listener.getsockname()), 0.1)

    def _disperse(self) -> None:
        for one in self._crowd:
            one.close()
            with contextlib.suppress(BlockingIOError):  # the last one never got in
                self._listener.accept()[0].close()
        self._crowd.clear()
        self._listener.listen(BACKLOG)

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
