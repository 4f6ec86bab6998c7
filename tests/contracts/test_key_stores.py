"""The key store, on a real file, and its double keep the contract of KeyStore."""

from pathlib import Path

import pytest

from adapters.key_stores.sqlite import SqliteKeyStore
from sentiment_core.keys import ApiKey
from sentiment_core.ports import KeyStore
from sentiment_core.testing.key_stores import InMemoryKeyStore, KeyStoreContract


class TestInMemoryKeyStore(KeyStoreContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.keys: dict[str, ApiKey] = {}

    def open_store(self) -> KeyStore:
        return InMemoryKeyStore(self.keys)


class TestSqliteKeyStore(KeyStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "not there yet" / "keys.db"

    def open_store(self) -> KeyStore:
        return SqliteKeyStore(self.path)
