"""Reading labelled texts."""

from pathlib import Path

import pytest

from sentiment_core.examples import DatasetError
from sentiment_core.models import EntityType, SentimentType
from tests.unit.adapters.datasets.labelled import write_data

pytest.importorskip("pyarrow")

from adapters.datasets.parquet import ParquetDataset, source_name


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path)


def test_rows_become_examples_with_their_labels(data: Path) -> None:
    examples = ParquetDataset(data).sentiment("en", "train")

    assert len(examples) == 24
    assert examples[1].sentiment is SentimentType.NEGATIVE
    assert examples[1].text == "train the negative hotel 1"


def test_only_rows_of_the_wanted_licences_are_given(data: Path) -> None:
    examples = ParquetDataset(data, {"open"}).sentiment("en", "train")

    assert {example.licence for example in examples} == {"open"}
    assert len(examples) == 21


def test_silver_rows_stand_in_place_of_their_originals(data: Path) -> None:
    examples = ParquetDataset(data).entities("en", "train")

    assert len(examples) == len({example.text for example in examples}) == 24
    silver = [example for example in examples if example.source == "news+silver"]
    assert [entity.type for entity in silver[0].entities] == [EntityType.LOCATION, EntityType.DATE]


def test_a_silver_row_covers_dates_and_quantities_besides_what_its_source_covers(data: Path) -> None:
    examples = ParquetDataset(data).entities("en", "train")

    covers = {example.source: example.covers for example in examples}
    assert covers["news"] == {EntityType.PERSON, EntityType.LOCATION}
    assert covers["news+silver"] == covers["news"] | {EntityType.DATE, EntityType.QUANTITY}


def test_a_language_without_texts_gives_none(data: Path) -> None:
    assert ParquetDataset(data).key_phrases("fr", "train") == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("msra(s2tw)+silver", "msra"),
        ("synmix:absa-zh(s2tw)", "absa-zh"),
        ("silver:vote-it+silver", "silver:vote-it"),
        ("proj:tanaka", "proj:tanaka"),
    ],
)
def test_a_source_is_known_by_its_name_however_its_row_was_made(source: str, name: str) -> None:
    assert source_name(source) == name


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="sentiment"):
        ParquetDataset(tmp_path).sentiment("en", "test")


def test_a_broken_file_is_named(data: Path) -> None:
    (data / "phrases" / "en.test.parquet").write_bytes(b"no parquet")

    with pytest.raises(DatasetError, match=r"en\.test\.parquet"):
        ParquetDataset(data).key_phrases("en", "test")


def test_the_digest_changes_with_any_file(data: Path) -> None:
    before = ParquetDataset(data).digest()

    (data / "sources.json").write_text("{}")

    assert ParquetDataset(data).digest() != before
