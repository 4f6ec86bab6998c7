"""HTTP/1.1 on one connection, as far as calls to Comprehend need it."""

import asyncio
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from msgspec import Struct

from sentiment_core.errors import InvalidReplyError

MAX_REPLY_BYTES = 5_000_000
"""Ten times what 25 texts of 5,000 bytes can bring forth: what is longer is not Comprehend's."""

SILENCE_S = 3.0
"""Seconds without a byte after which a reply is given up; the whole of a call is bounded by its deadline."""

_LENGTHS = (b"content-length", b"transfer-encoding")


class Reply(Struct, frozen=True):
    """What came back."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One request at a time; another may follow while it is ``usable``. What goes wrong closes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._lives_on = True
        self._heard = self._loop.time()
        self._received = 0
        self.on_message_begin()

    @property
    def usable(self) -> bool:
        """Whether it is open, and its last reply was whole and did not say that it is the last."""
        return self._lives_on and self._transport is not None and not self._transport.is_closing()

    @property
    def idle_s(self) -> float:
        """Seconds since a byte came, or a request went."""
        return self._loop.time() - self._heard

    async def ask(self, request: bytes) -> Reply:
        """The reply to a request, which is sent as it is. A cancellation closes the connection.

        Raises OSError when no reply came, httptools' errors when it is no HTTP, IncompleteReadError when it is cut,
        InvalidReplyError when it is too long.
        """
        self._reply = self._loop.create_future()
        self._lives_on = False
        self._received = 0
        self._heard = self._loop.time()
        self._silence = self._loop.call_later(SILENCE_S, self._end_silence)
        cast("asyncio.Transport", self._transport).write(request)
        try:
            return await self._reply
        finally:
            self._silence.cancel()
            if not self._lives_on:
                self.close()

    def close(self) -> None:
        """At once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._received += len(data)
        if self._received > MAX_REPLY_BYTES:
            self._fail(
                InvalidReplyError(f"Amazon Comprehend's reply has more than {MAX_REPLY_BYTES:,} bytes; try again.")
            )
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._begun:
            self._fail(ConnectionResetError("The connection was closed before there was a reply."))
        elif self._has_length or exc is not None:
            self._fail(asyncio.IncompleteReadError(b"".join(self._body), None))
        else:  # the end of the connection is that of the body
            self._settle()

    def on_message_begin(self) -> None:
        self._begun = False
        self._has_length = False
        self._body: list[bytes] = []

    def on_header(self, name: bytes, _: bytes) -> None:
        if name.lower() in _LENGTHS:
            self._has_length = True

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, piece: bytes) -> None:
        self._body.append(piece)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:  # others only announce a reply
            self._lives_on = self._parser.should_keep_alive()
            self._settle()

    def _settle(self) -> None:
        if self._reply is None or self._reply.done():  # nobody has asked
            self.close()
        else:
            self._reply.set_result(Reply(self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)
        self.close()

    def _end_silence(self) -> None:
        left = SILENCE_S - self.idle_s
        if left > 0:  # something was heard meanwhile
            self._silence = self._loop.call_later(left, self._end_silence)
        else:
            self._fail(TimeoutError(f"There was nothing to hear for {SILENCE_S:g} s."))
