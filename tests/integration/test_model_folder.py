"""The shipped model, signed, with one bit flipped somewhere: it never answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.analyzers.onnx.model import PACKAGED
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.model_folder import ModelFolder, stage

KEY = b"a key for the tests, of 40 characters..."
FLIPS = 400


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage(PACKAGED, tmp_path_factory.mktemp("signed") / "model", KEY).path


def places(folder: Path) -> Iterator[tuple[Path, int]]:
    """As many in each file, at even distances, the first byte and the last among them."""
    files = sorted(folder.iterdir())
    each = FLIPS // len(files) + 1
    for number in range(FLIPS):
        path = files[number % len(files)]
        yield path, (path.stat().st_size - 1) * (number // len(files)) // (each - 1)


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << place % 8]))


def test_one_flipped_bit_is_refused_each_time(signed: Path) -> None:
    ModelFolder(signed, KEY).verify()
    refused = 0
    for path, place in places(signed):
        flip(path, place)
        with pytest.raises(AnalyzerUnavailableError):
            ModelFolder(signed, KEY).verify()
        flip(path, place)
        refused += 1

    assert refused == FLIPS
    ModelFolder(signed, KEY).verify()
