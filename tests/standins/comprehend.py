"""A stand-in for Amazon Comprehend: its protocol (AWS JSON 1.1) and its limits, on a real socket of this machine.

::

    with ComprehendStandIn() as comprehend:
        comprehend.fail(throttled())  # the next call; see comprehend_faults
        ... comprehend.endpoint_url ...
    assert [call.operation for call in comprehend.calls] == ["DetectSentiment"]
"""

import asyncio
import contextlib
import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.standins.background import BackgroundLoop
from tests.standins.comprehend_answers import RefusedError, keyword_answer
from tests.standins.comprehend_faults import Fault, Reply, failed

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")
MAX_DOCUMENTS = 25
MAX_BYTES = 5_000
MAX_BYTES_ALONE = {"DetectEntities": 100_000, "DetectKeyPhrases": 100_000, "DetectSentiment": MAX_BYTES}

Answer = Callable[[str, str, str], Mapping[str, Any]]
"""(single operation, text, language) to the reply's members; it may raise RefusedError."""


@dataclass(frozen=True)
class ReceivedCall:
    """A call as it arrived."""

    operation: str
    language: str
    texts: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)


class ComprehendStandIn:
    """Serves from ``with`` to its end, in a thread, on ``endpoint_url``.

    ``answer`` says what it finds in a text; ``latency`` is in seconds, for every call. With ``tls`` it is HTTPS.
    """

    def __init__(
        self, answer: Answer = keyword_answer, latency: float = 0.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.calls: list[ReceivedCall] = []
        self.endpoint_url = ""
        self.answer = answer
        self._latency = latency
        self._tls = tls
        self._faults: deque[tuple[str, Fault]] = deque()
        self._always: Fault | None = None
        self._arrival = threading.Condition()
        self._background = BackgroundLoop("comprehend-stand-in")

    def fail(self, *faults: Fault, operation: str = "") -> None:
        """One fault each for the next calls, or for the next ones of ``operation``."""
        self._faults.extend((operation, fault) for fault in faults)

    def fail_always(self, fault: Fault | None) -> None:
        """For every call that has no fault of its own, until it is None."""
        self._always = fault

    def wait_for_calls(self, count: int, seconds: float = 30.0) -> None:
        """Returns when so many calls have arrived; raises TimeoutError when they do not. Blocks: not for a loop."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self.calls) >= count, seconds):
                raise TimeoutError(f"{len(self.calls)} calls arrived within {seconds:g} s, not {count}.")

    def __enter__(self) -> Self:
        self._background.start()
        self._server = self._background.call(asyncio.start_server(self._connection, "127.0.0.1", 0, ssl=self._tls))
        self.endpoint_url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._background.call(self._close())
        self._background.stop()

    async def _close(self) -> None:
        self._server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            while (await reader.readline()).startswith(b"POST / "):
                headers = await _headers(reader)
                body = await reader.readexactly(int(headers["content-length"]))
                if not await self._send(self._reply(headers, body), writer):
                    break
        writer.close()

    def _reply(self, headers: Mapping[str, str], body: bytes) -> Reply:
        operation = headers["x-amz-target"].removeprefix("Comprehend_20171127.")
        request = json.loads(body)
        texts = request["TextList"] if operation.startswith("Batch") else [request["Text"]]
        with self._arrival:
            self.calls.append(ReceivedCall(operation, request["LanguageCode"], tuple(texts), headers))
            self._arrival.notify_all()
        try:
            reply = Reply(json.dumps(self._result(operation, texts, request["LanguageCode"])).encode())
        except RefusedError as refusal:
            reply = failed(refusal.code, message=str(refusal))(Reply(b""))
        return self._next_fault(operation)(reply)

    def _next_fault(self, operation: str) -> Fault:
        for entry in list(self._faults):
            if entry[0] in ("", operation):
                self._faults.remove(entry)
                return entry[1]
        return self._always or (lambda reply: reply)

    def _result(self, operation: str, texts: list[str], language: str) -> Mapping[str, Any]:
        _check_limits(operation, texts, language)
        single = operation.removeprefix("Batch")
        if single == operation:
            return self.answer(single, texts[0], language)
        results: list[Any] = []
        errors: list[Any] = []
        for index, text in enumerate(texts):
            try:
                results.append({"Index": index, **self.answer(single, text, language)})
            except RefusedError as refusal:
                if refusal.whole_batch:
                    raise
                errors.append({"Index": index, "ErrorCode": refusal.code, "ErrorMessage": str(refusal)})
        return {"ResultList": results, "ErrorList": errors}

    async def _send(self, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        """Sends what is to be sent; whether the connection lives on."""
        await asyncio.sleep(min(self._latency + reply.delay, 3_600))
        while reply.gate and not reply.gate.is_set():  # noqa: ASYNC110 - it is set in the test's thread
            await asyncio.sleep(0.005)
        if reply.aborted:
            writer.transport.abort()
            return False
        writer.write(_head(reply))
        for piece in (reply.body[: reply.cut_at],) if not reply.drip else map(int.to_bytes, reply.body):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(reply.drip)
        return reply.cut_at is None


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _head(reply: Reply) -> bytes:
    headers = {"content-type": "application/x-amz-json-1.1", "content-length": str(len(reply.body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def _check_limits(operation: str, texts: list[str], language: str) -> None:
    if language not in LANGUAGES:
        raise RefusedError(
            "ValidationException",
            f"1 validation error detected: Value '{language}' at 'languageCode' failed to satisfy constraint: Member "
            f"must satisfy enum value set: [{', '.join(LANGUAGES)}]",
        )
    if len(texts) > MAX_DOCUMENTS:
        raise RefusedError("BatchSizeLimitExceededException", f"At most {MAX_DOCUMENTS} documents, not {len(texts)}.")
    limit = MAX_BYTES_ALONE.get(operation, MAX_BYTES)
    for size in (len(text.encode("utf-8", "surrogatepass")) for text in texts):
        if size > limit:
            raise RefusedError(
                "TextSizeLimitExceededException",
                f"Max length of request text allowed is {limit} bytes while in this request the text size is {size} "
                "bytes",
            )
