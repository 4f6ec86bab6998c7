"""Amazon Comprehend as seen from a service: a fixed latency, its quota, and answers that cost nothing to make.

``python -m bench.stacks.far_side PORT LATENCY_MS [SINGLE_TPS BATCH_TPS]``; without the last two there is no quota.
What an answer says is the same for each text: NAME, at its beginning. It also answers ``POST /analyze``, with nothing,
so that it is awaited like any other stack.
"""

import asyncio
import sys
import time
from collections import defaultdict
from functools import cache
from typing import cast

import uvloop
from msgspec import Raw, Struct
from msgspec.json import Decoder, encode

from bench.texts import NAME

_TARGET = b"comprehend_20171127."
_SPAN = {"Text": NAME, "Score": 0.99, "BeginOffset": 0, "EndOffset": len(NAME)}
_SCORES = {"Positive": 0.97, "Negative": 0.01, "Neutral": 0.01, "Mixed": 0.01}
_MEMBERS: dict[str, dict[str, object]] = {
    "detectsentiment": {"Sentiment": "POSITIVE", "SentimentScore": _SCORES},
    "detectentities": {"Entities": [{**_SPAN, "Type": "ORGANIZATION"}]},
    "detectkeyphrases": {"KeyPhrases": [_SPAN]},
}


class _Batch(Struct, rename="pascal"):
    text_list: list[Raw]


_decode = Decoder(_Batch).decode


class Allowance:
    """A quota of one operation: ``per_second`` calls, of which those of one second may come at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = per_second
        self._left = self._most
        self._since = time.monotonic()

    def take(self) -> bool:
        """Whether there is room for a call now; if so it is counted."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._since) * self._per_second)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class FarSide(asyncio.Protocol):
    """One connection of a client that sends one request at a time."""

    latency_s = 0.0
    singles: defaultdict[str, Allowance] | None = None
    batches: defaultdict[str, Allowance] | None = None

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < int(_header(head, b"content-length:")):
            return
        self._received.clear()
        operation = _header(head, b"x-amz-target:").removeprefix(_TARGET).decode()
        delay = self.latency_s if operation else 0.0
        asyncio.get_running_loop().call_later(delay, self._write, self._answer(operation, bytes(body)))

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)

    def _answer(self, operation: str, body: bytes) -> bytes:
        single = operation.removeprefix("batch")
        allowances = self.singles if single == operation else self.batches
        if operation and allowances is not None and not allowances[operation].take():
            return _throttled()
        return _found(single, 0 if single == operation else len(_decode(body).text_list))


def _header(head: bytes | bytearray, name: bytes) -> bytes:
    """The value of a header, in lower case; empty when there is none."""
    return bytes(head).lower().partition(b"\r\n" + name)[2].partition(b"\r\n")[0].strip()


@cache
def _found(single: str, documents: int) -> bytes:
    """The answer to the single operation, or to a batch of so many documents."""
    members = _MEMBERS.get(single, {})
    if not documents:
        return _response(200, members)
    return _response(200, {"ResultList": [{"Index": i, **members} for i in range(documents)], "ErrorList": []})


@cache
def _throttled() -> bytes:
    return _response(400, {"__type": "ThrottlingException", "Message": "Rate exceeded"})


def _response(status: int, content: object) -> bytes:
    body = encode(content)
    head = f"HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def main(port: int, latency_ms: float, *quota: float) -> None:
    """Serves until a signal comes."""
    FarSide.latency_s = latency_ms / 1e3
    if quota:
        single_tps, batch_tps = quota
        FarSide.singles = defaultdict(lambda: Allowance(single_tps))
        FarSide.batches = defaultdict(lambda: Allowance(batch_tps))
    server = await asyncio.get_running_loop().create_server(FarSide, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    port, *numbers = sys.argv[1:]
    uvloop.run(main(int(port), *map(float, numbers)))
