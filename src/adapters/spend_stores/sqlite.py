"""Spending kept in a file, for one machine."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sentiment_core.ports import SpendStoreError

BUSY_SECONDS = 2.0
"""How long another process that writes is waited for."""

_TABLE = "CREATE TABLE IF NOT EXISTS spending (day TEXT PRIMARY KEY, microdollars INTEGER NOT NULL)"
_ADD = (
    "INSERT INTO spending VALUES (?, ?) ON CONFLICT (day)"
    " DO UPDATE SET microdollars = microdollars + excluded.microdollars RETURNING microdollars"
)
_READ = "SELECT microdollars FROM spending WHERE day = ?"


class SqliteSpendStore:
    """A row a day in the SQLite database ``path``, which is made when first needed, with its folder.

    Works on a thread of its own. Several processes may share the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spending")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def add(self, day: str, microdollars: int) -> int:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._add, day, microdollars)

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
            self._thread.shutdown()

    def _add(self, day: str, microdollars: int) -> int:
        try:
            # Reading leaves the disk alone.
            command, values = (_ADD, (day, microdollars)) if microdollars else (_READ, (day,))
            rows = self._connected().execute(command, values).fetchall()
            return int(rows[0][0]) if rows else 0
        except (sqlite3.Error, OSError) as error:
            self._disconnect()  # the file may have been replaced
            raise SpendStoreError(f"{self._path.name} cannot be used: {error}.") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Without an isolation level each statement is a transaction of its own.
            self._connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            self._connection.execute(_TABLE)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
