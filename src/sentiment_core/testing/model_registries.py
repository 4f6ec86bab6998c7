"""FakeModelRegistry, and what every ModelRegistry must do: inherit ModelRegistryContract and say how to make yours."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sentiment_core.ports import ModelRegistry, WallClock
from sentiment_core.registry import (
    MAX_MODEL_BYTES,
    ModelNotFoundError,
    ModelReference,
    ModelTooLargeError,
    ModelVersion,
    RegistryError,
)


class Kept(Struct):
    """What is kept of a version. ``files`` are those of the model, by path; ``attached`` those beside them."""

    tags: dict[str, str]
    created: float
    files: dict[str, bytes]
    run_id: str | None
    attached: dict[str, bytes]


class FakeModelRegistry:
    """Keeps models in memory. While ``away`` is True, every call raises RegistryError.

    A test that wants to break a file changes it in ``kept[name][number - 1].files``.
    """

    def __init__(self, now: WallClock = time.time) -> None:
        self.away = False
        self.kept: dict[str, list[Kept]] = defaultdict(list)
        self._aliases: dict[str, dict[str, int]] = defaultdict(dict)
        self._now = now

    def versions(self, name: str) -> list[ModelVersion]:
        self._reach()
        return [self._version(name, number) for number in range(len(self.kept.get(name, ())), 0, -1)]

    def find(self, reference: ModelReference) -> ModelVersion:
        self._reach()
        target = reference.target
        number = target if isinstance(target, int) else self._aliases[reference.name].get(target, 0)
        self._find(reference.name, number)
        return self._version(reference.name, number)

    def register(self, name: str, folder: Path, tags: Mapping[str, str], *, run_id: str | None = None) -> ModelVersion:
        self._reach()
        self.kept[name].append(Kept(dict(tags), self._now(), read_folder(folder), run_id, {}))
        return self._version(name, len(self.kept[name]))

    def download(self, version: ModelVersion, folder: Path, *, max_bytes: int = MAX_MODEL_BYTES) -> None:
        self._reach()
        files = self._find(version.name, version.number).files
        if (size := sum(map(len, files.values()))) > max_bytes:
            raise ModelTooLargeError(version, size, max_bytes)
        write_folder(folder, files)

    def set_alias(self, name: str, alias: str, number: int | None) -> None:
        self._reach()
        if number is None:
            self._aliases[name].pop(alias, None)
        else:
            self._find(name, number)
            self._aliases[name][alias] = number

    def set_tag(self, version: ModelVersion, key: str, value: str) -> None:
        self._reach()
        self._find(version.name, version.number).tags[key] = value

    def attach(self, version: ModelVersion, name: str, content: bytes) -> None:
        self._reach()
        self._find(version.name, version.number).attached[name] = content

    def read(self, version: ModelVersion, name: str) -> bytes:
        self._reach()
        try:
            return self._find(version.name, version.number).attached[name]
        except KeyError:
            raise ModelNotFoundError(f"No file {name!r} is kept with {version}.") from None

    def _version(self, name: str, number: int) -> ModelVersion:
        kept = self._find(name, number)
        aliases = frozenset(alias for alias, there in self._aliases[name].items() if there == number)
        return ModelVersion(name, number, aliases, kept.created, dict(kept.tags))

    def _find(self, name: str, number: int) -> Kept:
        if not 1 <= number <= len(self.kept.get(name, ())):
            raise ModelNotFoundError(f"There is no such version of the model {name!r}.")
        return self.kept[name][number - 1]

    def _reach(self) -> None:
        if self.away:
            raise RegistryError("The registry is away.")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes the folder, with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


FILES = {"manifest.json": b'{"format": 1}', "model.onnx": bytes(range(256)) * 300, "notes/ja.txt": "素晴".encode()}


class ModelRegistryContract:
    """Override ``make_registry``; a test runner finds the rest. ``model`` is a name that the registry does not know."""

    model = "sentiment"

    def make_registry(self) -> ModelRegistry:
        """Within a test all of them share what they keep."""
        raise AssertionError("override make_registry")

    def register(self, files: Mapping[str, bytes] = FILES, tags: Mapping[str, str] | None = None) -> ModelVersion:
        with _folder() as folder:
            write_folder(folder, files)
            return self.make_registry().register(self.model, folder, tags or {})

    def test_an_unknown_name_has_no_versions(self) -> None:
        registry = self.make_registry()
        assert list(registry.versions(self.model)) == []
        _refused(lambda: registry.find(ModelReference(self.model, "champion")))
        _refused(lambda: registry.find(ModelReference(self.model, 1)))

    def test_versions_are_numbered_from_one_and_listed_newest_first(self) -> None:
        first, second = self.register(), self.register()
        assert [(version.name, version.number) for version in (first, second)] == [(self.model, 1), (self.model, 2)]
        assert first.created <= second.created
        assert list(self.make_registry().versions(self.model)) == [second, first]

    def test_ten_versions_are_listed_by_number_and_not_by_letter(self) -> None:
        for _ in range(10):
            self.register({"manifest.json": b"{}"})
        assert [version.number for version in self.make_registry().versions(self.model)] == list(range(10, 0, -1))

    def test_each_version_gives_its_own_files_back(self) -> None:
        first, second = self.register(), self.register({"manifest.json": b"{}"})
        assert self.downloaded(first) == FILES
        assert self.downloaded(second) == {"manifest.json": b"{}"}

    def test_of_a_version_that_is_too_large_nothing_is_fetched(self) -> None:
        version, registry = self.register(), self.make_registry()
        size = sum(map(len, FILES.values()))
        with _folder() as folder:
            _refused(lambda: registry.download(version, folder / "model", max_bytes=size - 1), ModelTooLargeError)
            assert list(folder.iterdir()) == []
            registry.download(version, folder / "model", max_bytes=size)
            assert read_folder(folder / "model") == FILES

    def test_what_is_kept_beside_a_model_does_not_make_it_larger(self) -> None:
        version, registry = self.register({"manifest.json": b"{}"}), self.make_registry()
        registry.attach(version, "gate.json", bytes(100))
        with _folder() as folder:
            registry.download(version, folder / "model", max_bytes=2)

    def test_tags_are_kept_and_can_be_set_later(self) -> None:
        version = self.register(tags={"model_version": "tiny-1", "note": "naïve, 素晴"})
        assert version.tags == {"model_version": "tiny-1", "note": "naïve, 素晴"}
        registry = self.make_registry()
        registry.set_tag(version, "gate", "refused")
        registry.set_tag(version, "gate", "passed")
        [found] = registry.versions(self.model)
        assert found == replace(version, tags=version.tags | {"gate": "passed"})

    def test_an_alias_moves_from_one_version_to_another(self) -> None:
        self.register()
        self.register()
        registry = self.make_registry()
        for number in (1, 2):
            registry.set_alias(self.model, "champion", number)
        registry.set_alias(self.model, "challenger", 2)
        assert self.make_registry().find(ModelReference(self.model, "champion")).number == 2
        assert [version.aliases for version in registry.versions(self.model)] == [{"champion", "challenger"}, set()]
        assert registry.find(ModelReference(self.model, 2)) == registry.find(ModelReference(self.model, "champion"))

    def test_an_alias_can_be_taken_away_and_twice_is_no_error(self) -> None:
        self.register()
        registry = self.make_registry()
        registry.set_alias(self.model, "champion", 1)
        registry.set_alias(self.model, "champion", None)
        registry.set_alias(self.model, "champion", None)
        _refused(lambda: registry.find(ModelReference(self.model, "champion")))
        assert registry.find(ModelReference(self.model, 1)).aliases == frozenset()

    def test_an_alias_is_never_on_a_version_that_is_not_there(self) -> None:
        self.register()
        registry = self.make_registry()
        _refused(lambda: registry.set_alias(self.model, "champion", 2))
        _refused(lambda: registry.find(ModelReference(self.model, "champion")))

    def test_a_version_that_is_not_there_is_not_found(self) -> None:
        version = replace(self.register(), number=2)
        registry = self.make_registry()
        _refused(lambda: registry.find(ModelReference(self.model, 2)))
        _refused(lambda: registry.read(version, "gate.json"))
        _refused(lambda: registry.attach(version, "gate.json", b""))
        _refused(lambda: registry.set_tag(version, "gate", "passed"))
        with _folder() as folder:
            _refused(lambda: registry.download(version, folder / "model"))

    def test_a_file_is_kept_with_its_version_and_leaves_the_model_as_it_is(self) -> None:
        first, second = self.register(), self.register()
        registry = self.make_registry()
        registry.attach(first, "gate.json", b'{"passed": false}')
        registry.attach(first, "gate.json", b"\x00\xff")
        registry.attach(second, "gate.json", b"{}")
        assert self.make_registry().read(first, "gate.json") == b"\x00\xff"
        assert registry.read(second, "gate.json") == b"{}"
        assert self.downloaded(first) == FILES

    def test_a_file_that_was_not_attached_is_not_found(self) -> None:
        version = self.register()
        registry = self.make_registry()
        _refused(lambda: registry.read(version, "gate.json"))
        registry.attach(version, "gate.txt", b"")
        _refused(lambda: registry.read(version, "gate.json"))

    def downloaded(self, version: ModelVersion) -> dict[str, bytes]:
        with _folder() as folder:
            self.make_registry().download(version, folder / "new" / "model")
            return read_folder(folder / "new" / "model")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _refused(call: Callable[[], object], error: type[RegistryError] = ModelNotFoundError) -> None:
    try:
        call()
    except error:
        return
    raise AssertionError(f"there was no {error.__name__}")
