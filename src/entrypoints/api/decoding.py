"""Strict JSON into Structs: whatever bytes come, the result is a Struct or a RefusedError."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from litestar import Request
from litestar.datastructures import State
from litestar.types import Scope
from msgspec import DecodeError, Raw, Struct, ValidationError
from msgspec.json import Decoder

from entrypoints.api.errors import RefusedError, refuse

T = TypeVar("T", bound=Struct)

_NO_UTF8 = "Invalid UTF-8"

MAX_MESSAGE = 200
"""Characters of the decoder's message that are passed on: it quotes the body's field names, of any length."""


class ApiRequest(Request[None, None, State]):
    """Litestar's request, whose ``json`` is the Struct that the handler's ``data`` asks for.

    The edge has read the body and settled the deadline, so both are at hand; Litestar's own way to the body costs as
    much as all the rest of a request.
    """

    @property
    def deadline(self) -> float:
        """The instant of the service's clock, in seconds, after which nobody waits for the answer."""
        deadline: float = self.scope["state"]["deadline"]
        return deadline

    def charge(self, documents: int) -> None:
        """Counts documents against the caller, beyond the first, which every request counts as."""
        self.scope["state"]["charge"](documents)

    async def body(self) -> bytes:
        """The body; raises RefusedError when there is none."""
        return _body(self.scope)

    async def json(self) -> Any:
        """The Struct of the route; raises RefusedError unless the body is JSON of exactly its shape."""
        data = self.route_handler.parsed_data_field
        return read_struct(self.scope, data.annotation) if data else None


class BareRequest(ApiRequest):
    """One without what the framework sets up for cookies, forms and pushes, which is more than to read the body."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope  # type: ignore[assignment] # the framework's own class has the same


def read_struct(scope: Scope, kind: type[T]) -> T:
    """The body of a request as a ``kind``. Raises RefusedError unless it is JSON of exactly that shape."""
    content_type = _content_type(scope["headers"])
    if content_type != b"application/json" and not _is_json(content_type):
        raise refuse("unsupported_media_type")
    return decode(_body(scope), kind)


def decode(body: bytes | Raw, kind: type[T]) -> T:
    """The body as a ``kind``. Raises RefusedError, and nothing else, for any other bytes."""
    try:
        decoder: Decoder[T] = _decoder(kind)
        return decoder.decode(body)
    except RecursionError:
        raise RefusedError("invalid_json", "The body is nested too deeply; nothing here nests deeper than 3.") from None
    except ValidationError as error:
        raise RefusedError("invalid_request", _explain(error, kind)) from None
    except (DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError) or _NO_UTF8 in str(error):  # msgspec raises the latter from 0.23 on
            advice = "The body has bytes that are not UTF-8; encode it as UTF-8."
            raise RefusedError("invalid_encoding", advice) from None
        raise RefusedError("invalid_json", f"{error}; send one complete JSON value.") from None


@cache
def _decoder(kind: type[T]) -> Decoder[T]:
    return Decoder(kind)


def _explain(error: ValidationError, kind: type[Struct]) -> str:
    message = str(error)[:MAX_MESSAGE]
    if message.startswith("Object contains unknown field"):
        return f"{message}; known are {', '.join(kind.__struct_encode_fields__)}."
    return f"{message}."


def _body(scope: Scope) -> bytes:
    body: bytes = scope["state"]["body"]
    if not body:
        raise refuse("empty_body")
    return body


def _content_type(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    for name, value in headers:
        if name == b"content-type":
            return value
    return b""


def _is_json(content_type: bytes) -> bool:
    media_type, _, parameters = content_type.lower().partition(b";")
    charset = parameters.replace(b'"', b"").strip()
    return media_type.strip() == b"application/json" and charset in (b"", b"charset=utf-8", b"charset=utf8")
