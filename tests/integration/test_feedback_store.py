"""What the feedback store does on a disk: for its owner alone, nothing of what was deleted, back after a fault."""

from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.feedback_stores.sqlite import SqliteFeedbackStore
from sentiment_core.ports import FeedbackStoreError
from sentiment_core.testing import FeedbackStoreContract

SECRET = "what nobody is to read any more " * 40
WITH_TEXT = replace(FeedbackStoreContract.WRONG, text=SECRET)
OTHER = FeedbackStoreContract.RIGHT


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("how", ["by its id", "by its age", "by another verdict"])
async def test_of_a_text_that_is_deleted_no_byte_is_left_in_any_file(tmp_path: Path, how: str) -> None:
    async with aclosing(SqliteFeedbackStore(tmp_path / "feedback.db")) as store:
        await store.put(OTHER)
        await store.put(WITH_TEXT)
        assert b"nobody" in contents(tmp_path)

        match how:
            case "by its id":
                await store.delete(WITH_TEXT.id)
            case "by its age":
                await store.delete_before(OTHER.received)
            case _:
                await store.put(replace(WITH_TEXT, text=None))

        assert b"nobody" not in contents(tmp_path)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_its_files_are_their_owners(tmp_path: Path) -> None:
    async with aclosing(SqliteFeedbackStore(tmp_path / "feedback.db")) as store:
        await store.put(OTHER)

        assert modes(tmp_path) == {"feedback.db": 0o600, "feedback.db-wal": 0o600, "feedback.db-shm": 0o600}


async def test_a_file_that_is_no_database_is_an_error_and_one_that_is_mended_is_used(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    path.write_bytes(b"no database at all" * 100)
    async with aclosing(SqliteFeedbackStore(path)) as store:
        with pytest.raises(FeedbackStoreError, match=r"feedback\.db"):
            await store.put(OTHER)
        path.unlink()

        assert await store.put(OTHER)


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with aclosing(SqliteFeedbackStore(tmp_path / "file" / "feedback.db")) as store:
        with pytest.raises(FeedbackStoreError):
            await store.read()
