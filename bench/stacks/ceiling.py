"""The ceiling: the same bodies decoded, the same answer encoded, and nothing else; no framework can be faster."""

from typing import Any

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from bench.stacks.instant import ANALYSIS
from bench.stacks.serving import serve


class _Request(Struct):
    text: str


_decode = Decoder(_Request).decode
_encode = Encoder().encode


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Any path and any method."""
    if scope["type"] != "http":
        return
    _decode((await receive())["body"])
    body = _encode(ANALYSIS)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    serve(app)
