"""The spend stores, on a real file and a real Redis, and their double keep the contract of SpendStore."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path

import pytest

from adapters.spend_stores.redis import RedisSpendStore
from adapters.spend_stores.sqlite import SqliteSpendStore
from sentiment_core.ports import SpendStore
from sentiment_core.testing.spend_stores import InMemorySpendStore, SpendStoreContract
from tests.standins.redis import RedisServer, redis_server


class TestInMemorySpendStore(SpendStoreContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.sums: dict[str, int] = {}

    def open_store(self) -> AbstractAsyncContextManager[SpendStore]:
        return aclosing(InMemorySpendStore(self.sums))


class TestSqliteSpendStore(SpendStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "not there yet" / "spending.db"

    def open_store(self) -> AbstractAsyncContextManager[SpendStore]:
        return aclosing(SqliteSpendStore(self.path))


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


class TestRedisSpendStore(SpendStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, redis: RedisServer) -> None:
        redis.forget()
        self.url = redis.url

    def open_store(self) -> AbstractAsyncContextManager[SpendStore]:
        return aclosing(RedisSpendStore(self.url))
