"""Reading a request before anything trusts it: its headers, its size, its time."""

from collections.abc import Iterable, Mapping

from litestar.types import HTTPReceiveMessage, Receive

from entrypoints.api.errors import ClientGoneError, RefusedError, refuse
from entrypoints.api.settings import Limits

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32_768
CLOSE = (b"connection", b"close")


def check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Refuses more or larger headers than any honest client sends; the server itself has no limit."""
    sizes = [len(name) + len(value) for name, value in headers]
    if len(sizes) > MAX_HEADERS or sum(sizes) > MAX_HEADER_BYTES:
        raise refuse("headers_too_large", CLOSE)


def check_body_headers(headers: Mapping[bytes, bytes], limits: Limits) -> None:
    """Refuses, before a byte of it is read, a body that is compressed, ambiguous or too large."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise refuse("unsupported_encoding", CLOSE)
    length = headers.get(b"content-length")
    if length is None:
        return
    if b"transfer-encoding" in headers or not length.isdigit():
        raise refuse("invalid_framing", CLOSE)
    if _exceeds(length, limits.max_body_bytes):
        raise _too_large(limits)


async def read_body(receive: Receive, limits: Limits) -> bytes:
    """The body, of which never more than the limit is held. Raises RefusedError, or ClientGoneError."""
    body = bytearray()
    more = True
    while more:
        message: HTTPReceiveMessage = await receive()  # type: ignore[assignment]
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limits.max_body_bytes:
            raise _too_large(limits)
    return bytes(body)


def slow_body(limits: Limits) -> RefusedError:
    """The refusal of a body that is still not there."""
    return RefusedError("body_timeout", f"Send the whole body within {limits.body_timeout_s:g} seconds.", (CLOSE,))


def timeout_s(headers: Mapping[bytes, bytes], limits: Limits) -> float:
    """Seconds that the request may take: what X-Request-Timeout-Ms asks for, at most the maximum."""
    value = headers.get(b"x-request-timeout-ms")
    if value is None:
        return limits.default_timeout_s
    if not value.isdigit() or not value.strip(b"0"):
        raise refuse("invalid_timeout")
    if _exceeds(value, int(limits.maximum_timeout_s * 1_000)):
        return limits.maximum_timeout_s
    return int(value) / 1_000


def _exceeds(digits: bytes, limit: int) -> bool:
    # Compared by length first: int() refuses thousands of digits, with an error of its own.
    significant = digits.lstrip(b"0")
    return len(significant) > len(str(limit)) or int(significant or b"0") > limit


def _too_large(limits: Limits) -> RefusedError:
    return RefusedError("body_too_large", f"Send at most {limits.max_body_bytes:,} bytes here.", (CLOSE,))
