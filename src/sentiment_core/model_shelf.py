"""The versions of a registered model that are on this machine's disk."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

KEPT = 2
"""Versions that are kept for each alias: the one that answers, and the one before it."""


BESIDE = ".new-"

BROKEN_OFF_SECONDS = 86_400
"""After so long a folder beside is what a process left that was killed: it may be removed."""


class ModelShelf:
    """``folder`` has a folder for each version, named by its number, none of which was ever there in part.

    What was good is remembered, by the alias or the number that it was asked for by, in a file beside: ``.champion``,
    ``.3``. Whatever no such file names is removed. Processes may share a folder. Calls block and may raise OSError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, number: int) -> Path:
        """Where a version is, or would be."""
        return self.folder / str(number)

    def add(self, number: int, download: Callable[[Path], None], check: Callable[[Path], T]) -> T:
        """Has ``download`` write a version to a folder beside, which takes its place once ``check`` has let it in.

        Gives what ``check`` gave. What either raises leaves everything as it was.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        # Python may end while this is being done on a thread.
        with tempfile.TemporaryDirectory(prefix=BESIDE, dir=self.folder, ignore_cleanup_errors=True) as beside:
            new = Path(beside, "model")
            download(new)
            checked = check(new)
            shutil.rmtree(self.path(number), ignore_errors=True)
            new.rename(self.path(number))
        return checked

    def good(self, target: str | int) -> Sequence[int]:
        """The versions that were good for an alias or a number, the latest first, as far as they are still here."""
        return [number for number in _read(self._note(target)) if self.path(number).exists()]

    def keep(self, target: str | int, number: int) -> None:
        """Notes that a version is good, and removes those that are of no more use."""
        before = [known for known in self.good(target) if known != number]
        _write(self._note(target), [number, *before][:KEPT])
        kept = {str(known) for note in self.folder.glob(".*") if note.is_file() for known in _read(note)}
        long_ago = self._note(target).stat().st_mtime - BROKEN_OFF_SECONDS
        for folder in self.folder.iterdir():
            broken_off = folder.name.startswith(BESIDE) and folder.stat().st_mtime < long_ago
            if broken_off or (folder.name.isdecimal() and folder.name not in kept):
                shutil.rmtree(folder, ignore_errors=True)

    def _note(self, target: str | int) -> Path:
        return self.folder / f".{target}"


def _read(note: Path) -> list[int]:
    try:
        return msgspec.json.decode(note.read_bytes(), type=list[int])
    except (OSError, msgspec.DecodeError):
        return []


def _write(note: Path, numbers: Sequence[int]) -> None:
    """Beside, and then renamed: a process that is killed leaves no half of it."""
    with tempfile.NamedTemporaryFile(prefix=".note-", dir=note.parent, delete=False) as file:
        file.write(msgspec.json.encode(numbers))
    Path(file.name).replace(note)
