import shutil
from pathlib import Path

import pytest

from entrypoints.disk import with_disk
from sentiment_core.metric_names import DISK_FREE_BYTES, DISK_SIZE_BYTES
from sentiment_core.testing import RecordingMetrics


def exposition(accept: str) -> tuple[bytes, str]:
    return b"metrics", accept


def test_the_disk_is_looked_at_whenever_the_metrics_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = RecordingMetrics()
    expose = with_disk(exposition, metrics, tmp_path)
    for free in (30, 20):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: shutil._ntuple_diskusage(100, 100 - free, free))

        assert expose("text/plain") == (b"metrics", "text/plain")
        assert metrics.value(DISK_FREE_BYTES) == free
        assert metrics.value(DISK_SIZE_BYTES) == 100


def test_a_folder_that_is_not_there_yet_is_on_the_disk_of_its_parent(tmp_path: Path) -> None:
    metrics = RecordingMetrics()
    with_disk(exposition, metrics, tmp_path / "not" / "there")("")

    assert metrics.value(DISK_SIZE_BYTES) == shutil.disk_usage(tmp_path).total


def test_a_disk_that_cannot_be_asked_does_not_keep_the_metrics_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError("Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)

    assert with_disk(exposition, RecordingMetrics(), tmp_path)("") == (b"metrics", "")
