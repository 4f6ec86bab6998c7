"""Whose rows a model was trained on: for the manifest and the model card."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from adapters.datasets.parquet import ParquetDataset, source_name
from adapters.trainers.torch.everyday import SOURCE, Everyday
from sentiment_core.examples import EntityExample, KeyPhraseExample, SentimentExample
from sentiment_core.languages import LANGUAGES


class UsedSource(Struct, frozen=True):
    """A source, the class of its licence, what the source says of it, and the training rows taken."""

    name: str
    licence: str
    stated: str
    repository: str
    rows: int


def used_sources(dataset: ParquetDataset, everyday: Everyday) -> dict[str, list[UsedSource]]:
    """The sources of each task, the largest first."""
    return {
        "sentiment": _used(
            dataset,
            "sentiment",
            (
                row
                for each in LANGUAGES
                for row in (*dataset.sentiment(each, "train"), *everyday.sentiment(each, "train"))
            ),
        ),
        "entities": _used(
            dataset,
            "entities",
            (
                row
                for each in LANGUAGES
                for row in (*dataset.entities(each, "train"), *everyday.entities(each, "train"))
            ),
        ),
        "phrases": _used(dataset, "phrases", (row for each in LANGUAGES for row in dataset.key_phrases(each, "train"))),
    }


def _used(
    dataset: ParquetDataset, task: str, rows: Iterable[SentimentExample | EntityExample | KeyPhraseExample]
) -> list[UsedSource]:
    counts = Counter((source_name(row.source), row.licence) for row in rows)
    return [_described(dataset, task, *key, rows=number) for key, number in counts.most_common()]


def _described(dataset: ParquetDataset, task: str, name: str, licence: str, rows: int) -> UsedSource:
    if name == SOURCE:
        return UsedSource(name, licence, "written for this project (everyday.json, sentences/), Apache-2.0", "", rows)
    entry = dataset.sources[task].get(name) or dataset.sources[task].get(name.split("(")[0], {})
    return UsedSource(name, licence, entry.get("stated", ""), entry.get("repo", ""), rows)
