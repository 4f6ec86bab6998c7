from pathlib import Path

import pytest

from tests.unit.adapters.datasets.labelled import write_data


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled texts for a training of seconds."""
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the recipe makes of them."""
    from tests.unit.adapters.trainers.tiny import tiny_recipe

    return tiny_recipe(data, tmp_path_factory.mktemp("output")).run()
