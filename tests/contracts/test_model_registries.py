"""FakeModelRegistry keeps the contract of ModelRegistry."""

import pytest

from sentiment_core.ports import ModelRegistry
from sentiment_core.testing.model_registries import FakeModelRegistry, ModelRegistryContract


class TestFakeModelRegistry(ModelRegistryContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.registry = FakeModelRegistry()

    def make_registry(self) -> ModelRegistry:
        return self.registry
