"""The API on doubles, and ways to speak to it: as an HTTP client, or as a server would."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from entrypoints.api.app import create_app
from entrypoints.api.door import Door
from entrypoints.api.edge import EdgeGuard
from entrypoints.api.settings import ApiSettings
from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.keys import ApiKey, KeyRing, Scope, issue
from sentiment_core.ports import Analyzer, Clock
from sentiment_core.testing import FakeAnalyzer, InMemoryFeedbackStore, ManualClock
from sentiment_core.testing.metrics import RecordingMetrics
from sentiment_core.tracking import TrackingWindow

JSON = ((b"content-type", b"application/json"),)


def exposition(accept: str) -> tuple[bytes, str]:
    return f"# for {accept}\n".encode(), "text/plain; version=1.0.0; charset=utf-8"


NOW = 1_800_000_000.5
IDS = AnswerIds(bytes(32), wall_clock=lambda: NOW, entropy=os.urandom)


def intake(metrics: RecordingMetrics, verdicts: InMemoryFeedbackStore) -> FeedbackIntake:
    return FeedbackIntake(
        IDS,
        verdicts,
        days=0,
        metrics=metrics,
        window=TrackingWindow(),
        wall_clock=lambda: NOW,
        sleep=asyncio.sleep,
    )


class Service:
    """An application, what it was made of, and a client."""

    def __init__(
        self,
        analyzer: Analyzer | None = None,
        settings: ApiSettings | None = None,
        clock: Clock | None = None,
        **door: Any,
    ) -> None:
        self.fake = FakeAnalyzer()
        self.metrics = RecordingMetrics()
        clock = clock or ManualClock()
        self.verdicts = InMemoryFeedbackStore()
        self.app: EdgeGuard = create_app(
            analyzer=analyzer or self.fake,
            feedback=intake(self.metrics, self.verdicts),
            metrics=self.metrics,
            exposition=exposition,
            settings=settings or ApiSettings(),
            clock=clock,
            door=Door(metrics=self.metrics, clock=clock, **door),
        )

    async def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async with self.client() as client:
            return await client.request(method, path, **arguments)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Sends ``body`` as JSON, or as it is when it is bytes; ``x_request_id="a"`` is a header."""
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", path, headers={"content-type": "application/json", **names}, **content)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type] # Litestar's types are narrower
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


PEPPER = b"the pepper of the tests, of 32 bytes"
TOKEN, KEY = issue(PEPPER, name="tests", scopes=[Scope.ANALYZE], now=0.0, entropy=bytes)


def guarded(*keys: ApiKey, clock: Clock | None = None, **door: Any) -> Service:
    """A service that asks for a key: KEY, whose token is TOKEN, unless others are given."""
    return Service(clock=clock, ring=KeyRing(PEPPER, keys or [KEY]), **door)


class Exchange:
    """One request put to the application as a server puts it: ``messages`` come in, then nothing more."""

    def __init__(self, app: EdgeGuard, messages: Iterable[dict[str, Any]], path: str = "/analyze") -> None:
        self.sent: list[dict[str, Any]] = []
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in messages:
            self.inbox.put_nowait(message)
        self._app = app
        self._path = path

    async def run(
        self, headers: Iterable[tuple[bytes, bytes]] = JSON, method: str = "POST", peer: str = "203.0.113.7"
    ) -> None:
        scope: Any = {
            "type": "http",
            "method": method,
            "path": self._path,
            "raw_path": self._path.encode(),
            "query_string": b"",
            "root_path": "",
            "client": (peer, 50_000),
            "headers": [(b"host", b"test"), *headers],
        }
        await self._app(scope, self.inbox.get, self._send)  # type: ignore[arg-type]

    async def _send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return self.sent[0]["status"] if self.sent else None

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


DISCONNECT = {"type": "http.disconnect"}


class Held:
    """A ``before`` for FakeAnalyzer that holds every call, and tells whether it was cancelled."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = False

    async def __call__(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


def code_of(response: httpx.Response) -> str:
    """The code of a problem, after a look at its form."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["detail"]
    code: str = problem["code"]
    return code
