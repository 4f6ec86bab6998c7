"""Puts a backup of a SQLite database in its place again: ``restore.py s3://BUCKET/PREFIX FILE [TIME]``.

Takes the newest copy of FILE's name, or the one of TIME (``20261124T031500`` or the beginning of it). What uses the
database must be stopped. The database that was there is kept beside it, as FILE.before-restore.
"""

import gzip
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import boto3
from backup import check


def main() -> None:
    source, file, *time = sys.argv[1:]
    print(restore(source, Path(file), *time))


def restore(source: str, file: Path, time: str = "") -> str:
    """Restores one database; gives the URL of the copy that it is from. Raises SystemExit if there is none."""
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    start = f"{prefix.rstrip('/')}/{file.stem}-{time}"
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    if not keys:
        raise SystemExit(f"There is no backup s3://{bucket}/{start}*: see what `aws s3 ls` lists there.")
    key = max(keys)  # the names sort by time
    owner = file if file.exists() else file.parent
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        packed, whole = Path(folder, "copy.db.gz"), Path(folder, "copy.db")
        s3.download_file(bucket, key, str(packed))
        with gzip.open(packed, "rb") as stream, whole.open("wb") as plain:
            shutil.copyfileobj(stream, plain)
        with closing(sqlite3.connect(whole)) as database:
            check(database)
        shutil.chown(whole, owner.stat().st_uid, owner.stat().st_gid)
        set_aside(file)
        whole.replace(file)
    return f"s3://{bucket}/{key}"


def set_aside(file: Path) -> None:
    """Moves the database away with what SQLite keeps beside it, which belongs to no other."""
    for end in ("", "-wal", "-shm", "-journal"):
        part = Path(f"{file}{end}")
        if part.exists():
            part.replace(f"{file}.before-restore{end}")


if __name__ == "__main__":
    main()
