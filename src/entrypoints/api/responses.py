"""Answers in JSON, straight from Structs."""

from collections.abc import Awaitable
from typing import Any, TypeVar

from litestar import Response
from litestar.types import Receive, Scope, Send
from msgspec.json import Encoder

from entrypoints.api.exchange import Exchange

T = TypeVar("T")

encode = Encoder().encode


class Json(Response[T]):
    """A Struct as the body. It is its own ASGI application, which spares half of Litestar's work."""

    def __init__(self, content: T, status: int = 200) -> None:
        # The base class sets up cookies, background tasks and encoders, none of which this answer has.
        self.content = content
        self.status = status

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        exchange: Exchange = scope["state"]["exchange"]
        return exchange.answer(self.status, b"application/json", encode(self.content))
