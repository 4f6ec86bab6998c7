"""Labelled texts from a folder of Parquet files: ``{sentiment,entities,phrases}/{language}.{split}.parquet``."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from sentiment_core.examples import DatasetError, EntityExample, EntitySpan, KeyPhraseExample, SentimentExample
from sentiment_core.models import EntityType, SentimentType

LICENCES = frozenset({"open", "sharealike", "unstated", "noncommercial", "research"})
"""Classes of licence that ``sources.json`` tells apart."""

_SILVER_TYPES = frozenset({EntityType.DATE, EntityType.QUANTITY})
_VARIANT = re.compile(r"\+silver|\([^)]*\)|^synmix:")

Row = Mapping[str, Any]


def source_name(source: str) -> str:
    """The name in ``sources.json`` of a row's source: without the marks of conversion, mixing and silver labels."""
    return _VARIANT.sub("", source)


class ParquetDataset:
    """Implements :class:`sentiment_core.ports.Dataset`; gives only the rows whose licence class is wanted.

    The training rows of entities hold the ones that a ``silver`` file repeats, with spans made by rules added, in the
    form of that file.
    """

    def __init__(self, root: Path, licences: Iterable[str] = LICENCES) -> None:
        """``root`` holds the three tasks' folders and ``sources.json``."""
        self._root = root
        self._licences = frozenset(licences)

    def sentiment(self, language: str, split: str) -> list[SentimentExample]:
        """Texts with one of four classes."""
        return [
            SentimentExample(row["text"], SentimentType(row["label"].upper()), row["source"], row["lic"])
            for row in self._rows("sentiment", language, split)
        ]

    def entities(self, language: str, split: str) -> list[EntityExample]:
        """Texts with entities of the types that their source covers."""
        rows = self._rows("entities", language, split)
        if split == "train":
            silver = self._rows("entities", language, "silver")
            repeated = {row["text"] for row in silver}
            rows = [row for row in rows if row["text"] not in repeated] + silver
        return [self._entity_example(row) for row in rows]

    def key_phrases(self, language: str, split: str) -> list[KeyPhraseExample]:
        """Texts with noun phrases."""
        return [
            KeyPhraseExample(
                row["text"], tuple((each["begin"], each["end"]) for each in row["spans"]), row["source"], row["lic"]
            )
            for row in self._rows("phrases", language, split)
        ]

    @cached_property
    def sources(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What ``sources.json`` says, by task (``sentiment``, ``entities``, ``phrases``) and source."""
        path = self._root / "sources.json"
        try:
            sources: dict[str, dict[str, dict[str, Any]]] = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise DatasetError(f"{path} is missing or broken: {error}") from error
        return sources

    def digest(self) -> str:
        """SHA-256 over the names and contents of all files, in order of their names."""
        digest = hashlib.sha256()
        for path in sorted([*self._root.rglob("*.parquet"), self._root / "sources.json"]):
            digest.update(path.relative_to(self._root).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _rows(self, task: str, language: str, split: str) -> list[Row]:
        path = self._root / task / f"{language}.{split}.parquet"
        if not path.parent.is_dir():
            raise DatasetError(f"{path.parent} is missing.")
        if not path.exists():
            return []
        try:
            rows = pyarrow.parquet.read_table(path).to_pylist()  # type: ignore[no-untyped-call]
        except (OSError, pyarrow.lib.ArrowException) as error:
            raise DatasetError(f"{path} is broken: {error}") from error
        return [row for row in rows if row["lic"] in self._licences]

    def _entity_example(self, row: Row) -> EntityExample:
        spans = tuple(EntitySpan(each["begin"], each["end"], EntityType(each["type"])) for each in row["spans"])
        return EntityExample(row["text"], spans, self._covers(row["source"]), row["source"], row["lic"])

    def _covers(self, source: str) -> frozenset[EntityType]:
        types = frozenset(map(EntityType, self.sources["entities"][source_name(source)]["covers"]))
        return types | _SILVER_TYPES if source.endswith("+silver") else types


def write_training_data(root: Path, examples: Mapping[str, Sequence[SentimentExample]]) -> None:
    """Writes labelled texts, by language, so that ParquetDataset reads them as ``train``; other tasks have none."""
    sources = {row.source: {"repo": "", "stated": "", "cls": row.licence} for rows in examples.values() for row in rows}
    for task in ("sentiment", "entities", "phrases"):
        (root / task).mkdir(parents=True, exist_ok=True)
    (root / "sources.json").write_text(
        json.dumps({"sentiment": sources, "entities": {}, "phrases": {}}), encoding="utf-8"
    )
    for language, rows in examples.items():
        table = pyarrow.table(_sentiment_columns(rows))  # type: ignore[attr-defined]
        path = root / "sentiment" / f"{language}.train.parquet"
        pyarrow.parquet.write_table(table, path, compression="zstd")  # type: ignore[no-untyped-call]


def _sentiment_columns(rows: Sequence[SentimentExample]) -> Mapping[str, Sequence[str]]:
    return {
        "text": [row.text for row in rows],
        "label": [row.sentiment.lower() for row in rows],
        "source": [row.source for row in rows],
        "domain": [""] * len(rows),
        "lic": [row.licence for row in rows],
    }
