"""Verdicts kept in a file."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

from sentiment_core.feedback.verdict import Feedback, Prediction
from sentiment_core.models import SentimentType
from sentiment_core.ports import FeedbackStoreError

T = TypeVar("T")

BUSY_SECONDS = 4.0
"""How long another process that writes is waited for."""

PAGE = 1_000
"""Verdicts that are read at a time."""

_MAKE = (
    "PRAGMA journal_mode = WAL",
    (
        "CREATE TABLE feedback (id TEXT PRIMARY KEY, answered INTEGER NOT NULL, sentiment TEXT NOT NULL,"
        " confidence REAL NOT NULL, language TEXT NOT NULL, analyzer TEXT NOT NULL, model_version TEXT NOT NULL,"
        " label TEXT NOT NULL, received REAL NOT NULL, text TEXT)"
    ),
    "CREATE INDEX feedback_received ON feedback (received)",
)
_OVERWRITE = "PRAGMA secure_delete = ON"
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
_TEXT = "SELECT text FROM feedback WHERE id = ?"
_PUT = "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_READ = "SELECT * FROM feedback WHERE id > ? ORDER BY id LIMIT ?"
_DELETE = "DELETE FROM feedback WHERE id = ?"
_DELETE_BEFORE = "DELETE FROM feedback WHERE received < ?"


class SqliteFeedbackStore:
    """A row an answer in the SQLite database ``path``, which is made when first needed, with its folder.

    Works on a thread of its own. Several processes may share the file, which its owner alone can read.
    """

    def __init__(self, path: Path, page: int = PAGE) -> None:
        self._path = path
        self._page = page
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feedback")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def put(self, feedback: Feedback) -> bool:
        return await self._run(lambda file: _put(file, feedback))

    async def read(self, after: str = "") -> list[Feedback]:
        return await self._run(lambda file: [_feedback(*row) for row in file.execute(_READ, (after, self._page))])

    async def delete(self, id_: str) -> bool:
        return await self._run(lambda file: _delete(file, _DELETE, id_)) == 1

    async def delete_before(self, instant: float) -> int:
        return await self._run(lambda file: _delete(file, _DELETE_BEFORE, instant))

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connected())
        except (sqlite3.Error, OSError) as error:
            self._disconnect()  # the file may have been replaced
            raise FeedbackStoreError(f"{self._path.name} cannot be used: {error}.") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self._path.exists():
                _make(self._path)
            # Without an isolation level each statement is a transaction of its own.
            self._connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            self._connection.execute(_OVERWRITE)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _make(path: Path) -> None:
    """Makes the file for its owner alone; whole or not at all, since processes that set one up together fail."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent) as draft, suppress(FileExistsError):
        with closing(sqlite3.connect(draft.name, isolation_level=None)) as file:
            for statement in _MAKE:
                file.execute(statement)
        path.hardlink_to(draft.name)


def _put(file: sqlite3.Connection, feedback: Feedback) -> bool:
    said = feedback.prediction
    row = (
        feedback.id,
        said.answered,
        said.sentiment,
        said.confidence,
        said.language,
        said.analyzer,
        said.model_version,
        feedback.label,
        feedback.received,
        feedback.text,
    )
    file.execute("BEGIN IMMEDIATE")
    with file:
        earlier = file.execute(_TEXT, (feedback.id,)).fetchone()
        file.execute(_PUT, row)
    if earlier and earlier[0] is not None:
        file.execute(_EMPTY_LOG)
    return earlier is None


def _delete(file: sqlite3.Connection, command: str, value: str | float) -> int:
    """The number of rows deleted, of which the log has nothing either."""
    number = file.execute(command, (value,)).rowcount
    if number:
        file.execute(_EMPTY_LOG)
    return number


def _feedback(
    id_: str,
    answered: int,
    sentiment: str,
    confidence: float,
    language: str,
    analyzer: str,
    model_version: str,
    label: str,
    received: float,
    text: str | None,
) -> Feedback:
    said = Prediction(answered, SentimentType(sentiment), confidence, language, analyzer, model_version)
    return Feedback(id_, said, SentimentType(label), received, text)
