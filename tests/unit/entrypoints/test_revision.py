"""Which commit a run is said to be of."""

import subprocess
from pathlib import Path

import pytest

from entrypoints.revision import checkout_revision


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def checkout(root: Path, package: str) -> Path:
    """A commit in ``root``, which has our package at ``package``."""
    folder = root / package
    folder.mkdir(parents=True)
    git(root, "init")
    git(root, "commit", "--allow-empty", "--message", "one")
    return folder


def test_code_of_a_checkout_has_its_commit(tmp_path: Path) -> None:
    folder = checkout(tmp_path, "src/entrypoints")

    assert checkout_revision(folder) == git(tmp_path, "rev-parse", "HEAD")


def test_code_installed_inside_another_checkout_has_none(tmp_path: Path) -> None:
    assert checkout_revision(checkout(tmp_path, ".venv/lib/python3.11/site-packages/entrypoints")) is None


def test_code_outside_any_checkout_has_none(tmp_path: Path) -> None:
    assert checkout_revision(tmp_path) is None


def test_a_machine_without_git_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout(tmp_path, "src/entrypoints")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert checkout_revision(folder) is None
