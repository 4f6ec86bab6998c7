"""MLflow's store, backed up to a bucket and put in its place again."""

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from adapters.trackers.mlflow import MlflowTracker
from tests.infra.terraform import ROOT
from tests.mlflow_store import read_runs, sqlite_uri, tolerate_mlflow

pytestmark = tolerate_mlflow


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """``backup`` and ``restore`` are programs, not a package."""
    monkeypatch.syspath_prepend(str(ROOT / "ops" / "backup"))


def back_up(bucket: str, file: Path) -> str:
    from backup import back_up

    return str(back_up(file, f"s3://{bucket}/backups"))


def restore(bucket: str, file: Path, time: str = "") -> None:
    from restore import restore

    restore(f"s3://{bucket}/backups", file, time)


def database(file: Path, *words: str) -> Path:
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
        store.executemany("INSERT INTO words VALUES (?)", [(word,) for word in words])
    return file


def words(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as store:
        return [word for (word,) in store.execute("SELECT word FROM words")]


def test_a_run_of_mlflow_comes_back(bucket: str, tmp_path: Path) -> None:
    """Backed up while the service has the store open; restored onto a new machine."""
    tracker = MlflowTracker(sqlite_uri(tmp_path), "served")
    tracker.start("serve", {"analyzer": "embedded"})
    tracker.log({"documents": 3}, 0)
    back_up(bucket, tmp_path / "mlflow.db")
    tracker.end()

    new = tmp_path / "new"
    new.mkdir()
    restore(bucket, new / "mlflow.db")
    [run] = read_runs(sqlite_uri(new), "served")
    assert (run.parameters["analyzer"], run.figures[0]["documents"]) == ("embedded", 3)


def test_a_writer_in_the_middle_of_it_is_not_in_the_backup(bucket: str, tmp_path: Path) -> None:
    file = database(tmp_path / "store.db", "kept")
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("INSERT INTO words VALUES ('never committed')")
        back_up(bucket, file)

    restore(bucket, tmp_path / "store.db")
    assert words(file) == ["kept"]


def test_the_newest_is_restored_unless_a_time_is_said(bucket: str, tmp_path: Path) -> None:
    file = database(tmp_path / "store.db", "old")
    first = back_up(bucket, file)
    database(file, "new")
    back_up(bucket, file)
    database(file, "lost")

    restore(bucket, file)
    assert words(file) == ["old", "new"]

    time = first.rpartition("store-")[2].removesuffix(".db.gz")
    restore(bucket, file, time)
    assert words(file) == ["old"]


def test_what_was_there_before_a_restore_is_kept(bucket: str, tmp_path: Path) -> None:
    file = database(tmp_path / "store.db", "backed up")
    back_up(bucket, file)
    database(file, "since")
    restore(bucket, file)

    assert words(tmp_path / "store.db.before-restore") == ["backed up", "since"]


def test_a_backup_that_is_damaged_is_not_restored(bucket: str, tmp_path: Path) -> None:
    file = database(tmp_path / "store.db", "there")
    boto3.client("s3").put_object(Bucket=bucket, Key="backups/store-20990101T000000Z.db.gz", Body=b"no database")
    with pytest.raises(gzip.BadGzipFile):
        restore(bucket, file)

    assert words(file) == ["there"]
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_no_backup_and_no_database_are_said(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no database to back up"):
        back_up(bucket, tmp_path / "none.db")
    with pytest.raises(SystemExit, match="There is no backup"):
        restore(bucket, tmp_path / "none.db")


def test_every_night_each_database_of_the_machine_is_backed_up(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ("mlflow-data/mlflow", "mlflow-data/users", "api-data/keys", "api-data/spending")
    for name in kept:
        volume, _, file = name.partition("/")
        folder = tmp_path / "docker" / "volumes" / f"sentiment_{volume}" / "_data"
        folder.mkdir(parents=True, exist_ok=True)
        database(folder / f"{file}.db", "kept")
    host = tmp_path / "host.json"
    host.write_text(f'{{"name": "sentiment", "region": "eu-west-1", "bucket": "{bucket}", "data": "{tmp_path}"}}')
    monkeypatch.setenv("SENTIMENT_HOST_FILE", str(host))
    subprocess.run([sys.executable, str(ROOT / "ops" / "backup" / "nightly.py")], check=True, timeout=120)
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="backups/")["Contents"]

    assert {item["Key"].removeprefix("backups/").rsplit("-", 1)[0] for item in found} == set(kept)
