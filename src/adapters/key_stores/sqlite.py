"""API keys kept in a file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sentiment_core.keys import ApiKey, Scope
from sentiment_core.ports import KeyStoreError

BUSY_SECONDS = 2.0
"""How long another process that writes is waited for."""

_TABLE = (
    "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL,"
    " scopes TEXT NOT NULL, created REAL NOT NULL, expires REAL, rate REAL, revoked INTEGER NOT NULL)"
)
_ADD = "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_READ = "SELECT * FROM keys ORDER BY created, id"
_REVOKE = "UPDATE keys SET revoked = 1 WHERE id = ?"


class SqliteKeyStore:
    """A row a key in the SQLite database ``path``, which is made, with its folder, for the first key.

    Nothing stays open between two calls, so that the file may be replaced by a copy of it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[ApiKey]:
        with self._reported():
            if not self._path.exists() or not self._path.stat().st_size:
                return []
            address = f"{self._path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, timeout=BUSY_SECONDS, uri=True)) as file:
                return [_key(*row) for row in file.execute(_READ)]

    def add(self, key: ApiKey) -> None:
        scopes = " ".join(sorted(key.scopes))
        self._write(_ADD, (key.id, key.name, key.digest, scopes, key.created, key.expires, key.rate, key.revoked))

    def revoke(self, id_: str) -> bool:
        return self._write(_REVOKE, (id_,)) == 1

    def _write(self, command: str, values: tuple[object, ...]) -> int:
        """The number of rows that it touched."""
        with self._reported():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # SQLite's own files take over the mode
            # Without an isolation level each statement is a transaction of its own.
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as file:
                file.execute(_TABLE)
                return file.execute(command, values).rowcount

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise KeyStoreError(f"{self._path} cannot be used: {error}.") from error


def _key(
    id_: str,
    name: str,
    digest: bytes,
    scopes: str,
    created: float,
    expires: float | None,
    rate: float | None,
    revoked: int,
) -> ApiKey:
    return ApiKey(id_, name, digest, frozenset(map(Scope, scopes.split())), created, expires, rate, bool(revoked))
