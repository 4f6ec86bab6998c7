"""One request and its answer, as the edge sees them."""

import os
import re
from collections.abc import Mapping

from litestar.types import HTTPScope, Message, Send

_WELL_FORMED_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch

_EVERYWHERE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
API_HEADERS = (
    *_EVERYWHERE,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""What every answer of the API has, beside its request id."""

_PAGE_HEADERS = (
    *_EVERYWHERE,
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    ),
)
_CLOSE = ((b"connection", b"close"),)
PAGES = "/schema"
"""Where the documentation's page lives, which is to be rendered by a browser; everything else is not."""

CLIENT_CLOSED_REQUEST = 499
"""The status, in metrics only, of a request whose caller went away."""


def new_request_id() -> str:
    """16 random hexadecimal digits."""
    return os.urandom(8).hex()


class Exchange:
    """Puts on the answer what every answer has, and remembers its status: 0 until it has begun.

    ``last`` tells the caller to open another connection for its next request.
    """

    __slots__ = ("_headers", "_send", "request_id", "status")

    def __init__(self, scope: HTTPScope, headers: Mapping[bytes, bytes], send: Send, *, last: bool) -> None:
        given = headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if _WELL_FORMED_ID(given) else new_request_id()
        self.status = 0
        self._send = send
        fixed = _PAGE_HEADERS if scope["path"].startswith(PAGES) else API_HEADERS
        self._headers = (*fixed, (b"x-request-id", self.request_id.encode()), *(_CLOSE if last else ()))

    async def send(self, message: Message) -> None:
        """The ASGI send for the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._headers]
        await self._send(message)
