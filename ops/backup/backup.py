"""Copies SQLite databases into a bucket while they are in use: ``backup.py s3://BUCKET/PREFIX FILE...``.

Each becomes ``PREFIX/NAME-TIME.db.gz``, TIME in UTC. The copy is SQLite's own online backup, so it is of one moment,
and is checked before it is sent. ``restore.py`` is the way back.
"""

import gzip
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import boto3


def main() -> None:
    destination, *files = sys.argv[1:]
    for file in files:
        print(back_up(Path(file), destination))


def back_up(file: Path, destination: str) -> str:
    """Backs one database up; gives the URL of the copy. Raises FileNotFoundError if there is none."""
    if not file.exists():
        raise FileNotFoundError(f"There is no database to back up at {file}.")
    bucket, _, prefix = destination.removeprefix("s3://").partition("/")
    key = f"{prefix.rstrip('/')}/{file.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db.gz"
    with tempfile.TemporaryDirectory() as folder:
        copy, packed = Path(folder, "copy.db"), Path(folder, "copy.db.gz")
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            check(target)
        with copy.open("rb") as plain, gzip.open(packed, "wb") as stream:
            shutil.copyfileobj(plain, stream)
        boto3.client("s3").upload_file(str(packed), bucket, key)
    return f"s3://{bucket}/{key}"


def check(database: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError unless SQLite finds the database whole."""
    [verdict] = database.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"The database is damaged: {verdict}.")


if __name__ == "__main__":
    main()
