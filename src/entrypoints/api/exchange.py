"""One request and its answer, as the edge sees them."""

import os
import re
from collections.abc import Awaitable, Callable, Mapping

from litestar.types import HTTPScope, Message, Send

from entrypoints.api.errors import Headers
from entrypoints.api.reading import CLOSE

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
PAGES = "/schema"
"""Where the documentation's page lives, which is to be rendered by a browser; everything else is not."""

CLIENT_CLOSED_REQUEST = 499
"""The status, in metrics only, of a request whose caller went away."""


AnswerWhole = Callable[[int, Headers, bytes], Awaitable[None]]
"""Sends status, headers, which have the body's length, and body. Our server puts one into the scope's state."""


def new_request_id() -> str:
    """16 random hexadecimal digits."""
    return os.urandom(8).hex()


class Exchange:
    """Puts on the answer what every answer has, and remembers its status: 0 until it has begun.

    ``last`` tells the caller to open another connection for its next request.
    """

    __slots__ = ("_answer_whole", "_headers", "_send", "request_id", "status")

    def __init__(self, scope: HTTPScope, headers: Mapping[bytes, bytes], send: Send, *, last: bool) -> None:
        given = headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if _WELL_FORMED_ID(given) else new_request_id()
        self.status = 0
        self._send = send
        self._answer_whole: AnswerWhole | None = scope.get("state", {}).get("answer_whole")
        fixed = _PAGE_HEADERS if scope["path"].startswith(PAGES) else API_HEADERS
        self._headers = (*fixed, (b"x-request-id", self.request_id.encode()), *((CLOSE,) if last else ()))

    async def send(self, message: Message) -> None:
        """The ASGI send for the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._headers]
        await self._send(message)

    async def answer(self, status: int, content_type: bytes, body: bytes, headers: Headers = ()) -> None:
        """Sends an answer whose body is at hand, in one piece where the server can."""
        length = str(len(body)).encode()
        fixed = ((b"content-type", content_type), (b"content-length", length), *headers)
        if self._answer_whole is None:
            await self.send({"type": "http.response.start", "status": status, "headers": fixed})
            await self.send({"type": "http.response.body", "body": body, "more_body": False})
        else:
            self.status = status
            await self._answer_whole(status, (*fixed, *self._headers), body)
