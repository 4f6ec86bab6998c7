"""uvicorn's protocol, with bounds: how large a request's head may be, and how long it may take to come."""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from entrypoints.api.errors import ERRORS, Headers
from entrypoints.api.exchange import API_HEADERS, new_request_id
from entrypoints.api.problems import MEDIA_TYPE, problem
from entrypoints.api.reading import CLOSE
from entrypoints.api.responses import encode
from sentiment_core.metric_names import ERROR_COUNT
from sentiment_core.ports import Metrics

MAX_HEAD_BYTES = 65_536
"""Of the request line and the headers together, while they are incomplete; the edge has the limits of whole ones."""

HEAD_SECONDS = 10.0
"""From the connection, or from a request's first byte on it, to the end of the head."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol; what is no HTTP is answered with a problem, as all other errors are."""

    def __init__(self, *arguments: Any, metrics: Metrics, head_seconds: float = HEAD_SECONDS, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._metrics = metrics
        self._head_seconds = head_seconds
        self._head_bytes = 0
        self._refused = False
        self._gone = False
        self._cycles: list[RequestResponseCycle] = []
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_late()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        self._let_go()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self.scope is not None and "path" in self.scope:  # uvicorn puts it there when the head is complete
            if self._late is not None:
                self._head_is_there()
        elif not self._refused:
            self._await_the_rest(len(data))

    def on_headers_complete(self) -> None:
        if self.cycle is None or self.cycle.response_complete:  # so are all before it: answers go out in order
            self._cycles.clear()
        super().on_headers_complete()
        self._cycles.append(self.cycle)
        self.scope["state"]["client_gone"] = self._client_gone
        if self.scope["method"] != "HEAD":
            self.scope["state"]["answer_whole"] = partial(self._answer_whole, self.cycle)

    def _client_gone(self) -> bool:
        return self._gone

    async def _answer_whole(self, cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes) -> None:
        """What ``cycle.send`` does in two pieces, each header of which it looks at with two regular expressions."""
        if self.flow.write_paused and not cycle.disconnected:
            await self.flow.drain()
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        if CLOSE in headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            headers = (*headers, CLOSE)
        self.transport.write(_whole(status, (*cycle.default_headers, *headers), body))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def send_400_response(self, msg: str) -> None:
        self._refuse("invalid_http")

    def _await_the_rest(self, received: int) -> None:
        self._head_bytes += received
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse("headers_too_large")
        else:
            self._close_late()

    def _close_late(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self._head_seconds, self.transport.close)

    def _head_is_there(self) -> None:
        self._head_bytes = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _let_go(self) -> None:
        """Tells all requests of this connection, pipelined ones too, that nothing can be written any more."""
        self._gone = True
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.waiting_for_100_continue = False
            cycle.message_event.set()

    def _refuse(self, code: str) -> None:
        """Answers, and reads on without looking: to close at once would reset the connection, and lose the answer."""
        self._metrics.add(ERROR_COUNT, 1, code)
        kind, request_id = ERRORS[code], new_request_id()
        body = encode(problem(code, kind.advice, request_id))
        headers = (
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *API_HEADERS,
            (b"x-request-id", request_id.encode()),
            CLOSE,
        )
        self.transport.write(_whole(kind.status, headers, body))
        self.transport.write_eof()
        self._refused = True
        self._let_go()
        self._close_late()


def _whole(status: int, headers: Headers, body: bytes) -> bytes:
    """An answer as it goes over the wire."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join((STATUS_LINE[status], *lines, b"\r\n", body))
