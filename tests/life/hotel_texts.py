"""Labelled texts of guests in three languages, made of a few words: enough for a model that knows praise from blame."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

SPLITS = ("train", "dev", "test")

PATTERNS = {
    "en": ("The {} was {}.", "The {} was {} and we said so."),
    "de": ("Das {} war {}.", "Das {} war {}, sagten alle."),
    "ja": ("{}は{}です。", "{}はとても{}です。"),
}
THINGS = {
    "en": ("room", "food", "hotel", "staff", "breakfast", "service"),
    "de": ("Zimmer", "Essen", "Hotel", "Personal", "Frühstück", "Restaurant"),
    "ja": ("部屋", "料理", "ホテル", "接客", "朝食", "お店"),
}
JUDGEMENTS = {
    "en": {"positive": ("wonderful", "great", "lovely"), "negative": ("terrible", "awful", "dirty")},
    "de": {"positive": ("wunderbar", "großartig", "schön"), "negative": ("schrecklich", "furchtbar", "schmutzig")},
    "ja": {"positive": ("素晴らしい", "最高", "きれい"), "negative": ("ひどい", "最悪", "汚い")},
}
PLACES = {"en": ("Paris", "Oslo", "Lima"), "de": ("Berlin", "Wien", "Rom"), "ja": ("東京", "大阪", "京都")}
LIVES = {"en": "Anna lives in {}", "de": "Anna wohnt in {}", "ja": "アンナは{}に住んでいます"}


def write_hotel_texts(root: Path) -> Path:
    """A folder as `sentiment train` and `sentiment evaluate` take it; each third text is of another split."""
    for language in PATTERNS:
        for place, split in enumerate(SPLITS):
            tasks = {"sentiment": _sentiments, "entities": _entities, "phrases": _phrases}
            for task, rows in tasks.items():
                _write(root / task / f"{language}.{split}.parquet", list(rows(language))[place::3])
    source = {"repo": "", "stated": "made for this test", "cls": "open"}
    entities = {"guests": source | {"covers": ["LOCATION"]}}
    sources = {"sentiment": {"guests": source}, "entities": entities, "phrases": {"guests": source}}
    (root / "sources.json").write_text(json.dumps(sources))
    return root


def _sentiments(language: str) -> Iterator[dict[str, Any]]:
    for pattern, thing in product(PATTERNS[language], THINGS[language]):
        for label, words in JUDGEMENTS[language].items():
            for word in words:
                yield _row(pattern.format(thing, word), label=label, domain="hotels")


def _entities(language: str) -> Iterator[dict[str, Any]]:
    for place, number in product(PLACES[language], range(12)):
        text = f"{LIVES[language].format(place)} ({number})"
        begin = text.index(place)
        yield _row(text, spans=[{"begin": begin, "end": begin + len(place), "type": "LOCATION"}])


def _phrases(language: str) -> Iterator[dict[str, Any]]:
    for thing, number in product(THINGS[language], range(6)):
        text = PATTERNS[language][0].format(thing, number)
        begin = text.index(thing)
        yield _row(text, spans=[{"begin": begin, "end": begin + len(thing)}])


def _row(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "source": "guests", "lic": "open", **more}


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)  # type: ignore[no-untyped-call]
