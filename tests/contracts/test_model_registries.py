"""MlflowModelRegistry, on a real SQLite store, and FakeModelRegistry keep the contract of ModelRegistry."""

import pytest

from adapters.model_registries.mlflow import MlflowModelRegistry
from sentiment_core.ports import ModelRegistry
from sentiment_core.testing.model_registries import FakeModelRegistry, ModelRegistryContract
from tests.mlflow_store import sqlite_uri, tolerate_mlflow

pytestmark = tolerate_mlflow


class TestFakeModelRegistry(ModelRegistryContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.registry = FakeModelRegistry()

    def make_registry(self) -> ModelRegistry:
        return self.registry


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all tests, since making one takes seconds; each test has a model of its own."""
    return sqlite_uri(tmp_path_factory.mktemp("store"))


class TestMlflowModelRegistry(ModelRegistryContract):
    @pytest.fixture(autouse=True)
    def place(self, store: str, request: pytest.FixtureRequest) -> None:
        self.uri, self.model = store, request.node.name

    def make_registry(self) -> ModelRegistry:
        return MlflowModelRegistry(self.uri, loader="entrypoints.pyfunc")
