"""A real server on a free port of the loopback interface, and raw sockets to speak to it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import uvicorn

from entrypoints.api.edge import EdgeGuard
from entrypoints.api.settings import ApiSettings
from entrypoints.http_protocol import HEAD_SECONDS, GuardedProtocol
from sentiment_core.ports import Metrics
from sentiment_core.testing import FakeAnalyzer
from tests.unit.entrypoints.api.support import Service

SETTINGS = ApiSettings(body_timeout_s=0.2)
BODY = b'{"text": "a"}'


class Holding:
    """A ``before`` for FakeAnalyzer that holds calls until ``release``, and says what becomes of them."""

    def __init__(self) -> None:
        self.holding = False
        self.started = threading.Event()
        self.cancelled = threading.Event()

    async def __call__(self) -> None:
        if not self.holding:
            return
        self.started.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


class HttpServer:
    """Serves an application in a thread, from ``with`` to its end."""

    def __init__(self, app: EdgeGuard, metrics: Metrics, head_seconds: float = HEAD_SECONDS, **options: int) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = "http://{}:{}".format(*self.socket.getsockname())
        config = uvicorn.Config(
            app,
            http=partial(GuardedProtocol, metrics=metrics, head_seconds=head_seconds),
            loop="uvloop",
            ws="none",
            log_config=None,
            server_header=False,
            access_log=False,
            **options,  # type: ignore[arg-type]
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))

    def __enter__(self) -> Self:
        self.thread.start()
        wait_until(lambda: self.server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.socket.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.socket.getsockname(), timeout=5)

    def ask(self, request: bytes) -> bytes:
        """Sends ``request`` and gives all that comes until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return receive_all(connection)


class Running(HttpServer):
    """A service on doubles, and its server."""

    def __init__(self, **options: Any) -> None:
        self.hold = Holding()
        self.service = Service(FakeAnalyzer(before=self.hold), SETTINGS, time.monotonic)
        super().__init__(self.service.app, self.service.metrics, **options)


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def receive_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


def post(body: bytes = BODY, *headers: bytes, path: bytes = b"/analyze") -> bytes:
    lines = (
        b"POST " + path + b" HTTP/1.1",
        b"Host: test",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        *headers,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
