"""MlflowModelRegistry on a SQLite store, where others than `sentiment models` have written to it."""

import pickle
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from mlflow import MlflowClient

from adapters.model_registries.mlflow import MlflowModelRegistry, is_trusted
from sentiment_core.registry import ModelNotFoundError, ModelReference, ModelVersion, RegistryError
from sentiment_core.testing.model_registries import FILES, write_folder
from tests.mlflow_store import sqlite_uri, tolerate_mlflow

pytestmark = tolerate_mlflow

FIRST = ModelReference("sentiment", 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite_uri(tmp_path_factory.mktemp("store"))


@pytest.fixture
def registry(store: str) -> MlflowModelRegistry:
    return MlflowModelRegistry(store, loader="entrypoints.pyfunc")


Plant = Callable[[str], ModelVersion]


@pytest.fixture
def plant(registry: MlflowModelRegistry, store: str) -> Plant:
    """Registers a version with MLflow's own client, whose files are wherever the test says."""

    def planted(source: str) -> ModelVersion:
        registry.versions("any")  # makes the store
        client = MlflowClient(tracking_uri=store)
        name = client.create_registered_model(f"planted-{token_hex(4)}").name
        made = client.create_model_version(name, source)
        return registry.find(ModelReference(made.name, int(made.version)))

    return planted


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("folder", ["", "model"])
def test_nothing_of_a_pickled_model_is_unpickled(
    registry: MlflowModelRegistry, plant: Plant, tmp_path: Path, folder: str
) -> None:
    """As a pyfunc model of MLflow's it is no model folder; beside one it is a file that verification will refuse."""
    marker = tmp_path / "unpickled"
    bomb = pickle.dumps(Bomb(marker))
    files = {"MLmodel": b"flavors: {python_function: {loader_module: mlflow.pyfunc.model}}", "python_model.pkl": bomb}
    write_folder(tmp_path / "planted", files | {f"{folder}/python_model.pkl": bomb} if folder else files)
    version = plant((tmp_path / "planted").as_uri())

    if folder:
        registry.download(version, tmp_path / "fetched")
        assert [path.name for path in (tmp_path / "fetched").iterdir()] == ["python_model.pkl"]
    else:
        with pytest.raises(ModelNotFoundError, match="was not registered by `sentiment models`"):
            registry.download(version, tmp_path / "fetched")

    assert not marker.exists()
    pickle.loads(bomb)
    assert marker.exists()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def test_no_other_host_is_asked_for_a_models_files(
    registry: MlflowModelRegistry, plant: Plant, tmp_path: Path, listener: socket.socket
) -> None:
    version = plant(f"http://127.0.0.1:{listener.getsockname()[1]}/latest/meta-data")

    with pytest.raises(RegistryError, match="from where no model is fetched"):
        registry.download(version, tmp_path / "fetched")

    with pytest.raises(TimeoutError):
        listener.accept()


SERVER, FILE = "http://mlflow:5000", "sqlite:////data/mlflow.db"


@pytest.mark.parametrize(
    ("place", "store", "trusted"),
    [
        ("s3://bucket/1/models/m-1/artifacts", SERVER, True),
        ("s3://bucket/1/models/m-1/artifacts", FILE, True),
        ("mlflow-artifacts:/1/models/m-1/artifacts", SERVER, True),
        ("mlflow-artifacts://mlflow:5000/1/models/m-1/artifacts", SERVER, True),
        ("mlflow-artifacts://169.254.169.254/latest", SERVER, False),
        ("file:///data/artifacts/m-1", FILE, True),
        ("/data/artifacts/m-1", FILE, True),
        ("file:///etc", SERVER, False),
        ("/etc", SERVER, False),
        ("http://169.254.169.254/latest", SERVER, False),
        ("https://elsewhere.example/m", FILE, False),
        ("ftp://elsewhere.example/m", SERVER, False),
        ("dbfs:/m", SERVER, False),
        ("runs:/0123/model", SERVER, False),
    ],
)
def test_where_a_models_files_may_be(place: str, store: str, trusted: bool) -> None:
    assert is_trusted(place, store) is trusted


def test_the_registry_that_is_down_says_so_without_the_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    registry = MlflowModelRegistry(f"http://user:s3cret@127.0.0.1:{port}", loader="entrypoints.pyfunc")

    with pytest.raises(RegistryError, match="refused") as raised:
        registry.find(FIRST)

    assert not isinstance(raised.value, ModelNotFoundError)
    assert "s3cret" not in str(raised.value)


def test_a_store_that_cannot_be_made_is_the_registrys_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RegistryError):
        MlflowModelRegistry(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}", loader="entrypoints.pyfunc").find(FIRST)


@pytest.fixture
def runs(registry: MlflowModelRegistry, store: str) -> Callable[[Path], str]:
    """Begins a run whose files go to a folder."""
    registry.versions("any")
    client = MlflowClient(tracking_uri=store)

    def begin(artifacts: Path) -> str:
        experiment = client.create_experiment(token_hex(4), artifact_location=artifacts.as_uri())
        return str(client.create_run(experiment).info.run_id)

    return begin


def test_a_model_is_an_output_of_the_run_that_made_it(
    registry: MlflowModelRegistry, store: str, runs: Callable[[Path], str], tmp_path: Path
) -> None:
    run = runs(tmp_path / "artifacts")
    write_folder(tmp_path / "made", FILES)
    registry.register("of-a-run", tmp_path / "made", {}, run_id=run)

    client = MlflowClient(tracking_uri=store)
    [output] = client.get_run(run).outputs.model_outputs
    assert client.get_model_version("of-a-run", "1").run_id == run
    assert client.get_logged_model(output.model_id).status == "READY"
    assert client.get_run(run).info.status == "RUNNING"


@pytest.mark.parametrize("folder", ["made", "not there"])
def test_a_registration_that_breaks_off_leaves_no_version(
    registry: MlflowModelRegistry, runs: Callable[[Path], str], tmp_path: Path, folder: str
) -> None:
    write_folder(tmp_path / "made", FILES)

    with pytest.raises(RegistryError):
        registry.register("broken", tmp_path / folder, {}, run_id=runs(tmp_path / "made" / "model.onnx" / "artifacts"))

    assert registry.versions("broken") == []
