"""Whose rows a model was trained on: for the manifest and the model card."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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


UsedSources = dict[str, list[UsedSource]]
"""By task."""


def used_sources(dataset: ParquetDataset, everyday: Everyday) -> UsedSources:
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


def with_those_of(base: Mapping[str, Sequence[UsedSource]], used: UsedSources) -> UsedSources:
    """The sources used, and behind them those that only the model that the training began with had seen."""
    names = {task: {source.name for source in sources} for task, sources in used.items()}
    return {
        task: [*sources, *(each for each in base.get(task, ()) if each.name not in names[task])]
        for task, sources in used.items()
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
