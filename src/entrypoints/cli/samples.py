"""The labelled texts that a command measures analyzers on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sentiment_core.evaluation import Sample
    from sentiment_core.ports import Dataset


def samples_or_exit(data: Path, languages: Sequence[str], split: str, limit: int | None) -> "list[Sample]":
    """Those of the folder ``data``; ends the command with what the folder should hold when it does not."""
    from sentiment_core.evaluation import load_samples
    from sentiment_core.examples import DatasetError

    try:
        return load_samples(dataset_or_exit(data), languages, split, limit)
    except DatasetError as error:
        raise click.ClickException(
            f"{error}\nGive a folder that holds sentiment/, entities/ and phrases/ with a file LANGUAGE.{split}.parquet"
            " each, and sources.json beside them."
        ) from None


def dataset_or_exit(data: Path) -> "Dataset":
    """The data set of the folder; ends the command with what to install when it cannot be read."""
    from entrypoints.container import dataset

    try:
        return dataset(data)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: `pip install '.[data]'` brings it.") from None
