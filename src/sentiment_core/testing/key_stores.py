"""InMemoryKeyStore, and what every KeyStore must do: inherit KeyStoreContract and say how to open yours."""

from msgspec.structs import replace

from sentiment_core.keys import ApiKey, Scope
from sentiment_core.ports import KeyStore, KeyStoreError


class InMemoryKeyStore:
    """Keeps keys in ``keys``, by id. While ``away`` is True, every call raises KeyStoreError."""

    def __init__(self, keys: dict[str, ApiKey] | None = None) -> None:
        self.keys = {} if keys is None else keys
        self.away = False

    def read(self) -> list[ApiKey]:
        self._check()
        return sorted(self.keys.values(), key=lambda key: key.created)

    def add(self, key: ApiKey) -> None:
        self._check()
        if key.id in self.keys:
            raise KeyStoreError(f"There is a key {key.id} already.")
        self.keys[key.id] = key

    def revoke(self, id_: str) -> bool:
        self._check()
        if id_ in self.keys:
            self.keys[id_] = replace(self.keys[id_], revoked=True)
        return id_ in self.keys

    def _check(self) -> None:
        if self.away:
            raise KeyStoreError("The store is away.")


class KeyStoreContract:
    """A test class of yours inherits it and overrides ``open_store``; a test runner finds the rest."""

    OLD = ApiKey("aaaaaaa2", "old", b"\x00\xff" * 16, frozenset({Scope.ANALYZE, Scope.METRICS}), 100.5, 200.25, 0.5)
    NEW = ApiKey("aaaaaaa1", "new, 'é'", bytes(32), frozenset(), 300.0)

    def open_store(self) -> KeyStore:
        """Within a test all of them share what they keep."""
        raise AssertionError("override open_store")

    def test_a_new_store_has_no_keys(self) -> None:
        assert list(self.open_store().read()) == []
        assert not self.open_store().revoke("aaaaaaa1")

    def test_what_was_added_is_there_for_everybody_oldest_first(self) -> None:
        self.open_store().add(self.NEW)
        self.open_store().add(self.OLD)

        assert list(self.open_store().read()) == [self.OLD, self.NEW]

    def test_a_revoked_key_stays_and_the_others_are_left_alone(self) -> None:
        store = self.open_store()
        store.add(self.OLD)
        store.add(self.NEW)

        assert store.revoke(self.OLD.id)
        assert store.revoke(self.OLD.id)

        assert list(self.open_store().read()) == [replace(self.OLD, revoked=True), self.NEW]

    def test_no_id_is_given_twice(self) -> None:
        store = self.open_store()
        store.add(self.OLD)

        try:
            store.add(replace(self.NEW, id=self.OLD.id))
        except KeyStoreError:
            assert list(store.read()) == [self.OLD]
        else:
            raise AssertionError("it was taken")
