"""What the spend stores do when what they keep things in is broken or away: a SpendStoreError, and back to work."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from adapters.spend_stores.redis import RedisSpendStore
from adapters.spend_stores.sqlite import SqliteSpendStore
from sentiment_core.ports import SpendStoreError
from tests.standins.redis import redis_server

DAY = "2026-11-25"


async def test_a_file_that_is_no_database_is_an_error_and_one_that_is_mended_is_used(tmp_path: Path) -> None:
    path = tmp_path / "spending.db"
    path.write_bytes(b"no database at all" * 100)
    async with aclosing(SqliteSpendStore(path)) as store:
        with pytest.raises(SpendStoreError, match=r"spending\.db"):
            await store.add(DAY, 1)
        path.unlink()

        assert await store.add(DAY, 5) == 5


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with aclosing(SqliteSpendStore(tmp_path / "file" / "spending.db")) as store:
        with pytest.raises(SpendStoreError):
            await store.add(DAY, 0)


async def test_redis_that_has_gone_is_an_error_and_one_that_has_come_back_is_used() -> None:
    with redis_server() as server:
        async with aclosing(RedisSpendStore(server.url)) as store:
            await store.add(DAY, 1)
            await asyncio.to_thread(server.kill)
            with pytest.raises(SpendStoreError):
                await store.add(DAY, 1)
            await asyncio.to_thread(server.start)

            assert await store.add(DAY, 5) == 5


async def test_redis_that_hangs_is_an_error() -> None:
    with redis_server() as server:
        async with aclosing(RedisSpendStore(server.url, timeout=0.05)) as store:
            await store.add(DAY, 1)
            server.freeze()
            with pytest.raises(SpendStoreError):
                await store.add(DAY, 1)
            server.thaw()


async def test_what_redis_keeps_of_a_day_is_dropped_after_some_weeks() -> None:
    with redis_server() as server:
        async with aclosing(RedisSpendStore(server.url)) as store:
            await store.add(DAY, 1)
            server.pass_time(40 * 86_400 + 1)

            assert await store.add(DAY, 0) == 0


def test_what_is_no_address_of_a_redis_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="scheme"):
        RedisSpendStore("http://127.0.0.1")
