"""A small folder of labelled texts, in the layout of the real one."""

import json
from pathlib import Path
from typing import Any

PLACES = ("Paris", "Oslo", "Rome", "Lima")
LABELS = ("positive", "negative", "neutral", "mixed")


def write_data(root: Path, rows: int = 24) -> Path:
    """Texts of all three tasks in English and Japanese; a fourth of them of a source that may not be used."""
    for language in ("en", "ja"):
        for split in ("train", "dev", "test"):
            _write(root / "sentiment" / f"{language}.{split}.parquet", [_sentiment(split, n) for n in range(rows)])
            _write(root / "entities" / f"{language}.{split}.parquet", [_entity(split, n) for n in range(rows)])
            _write(root / "phrases" / f"{language}.{split}.parquet", [_phrase(split, n) for n in range(rows)])
    _write(root / "entities" / "en.silver.parquet", [_silver(n) for n in range(2)])
    source = {"repo": "someone/texts", "stated": "CC0", "cls": "open"}
    entities = {"news": source | {"covers": ["PERSON", "LOCATION"]}}
    sources = {"sentiment": {"reviews": source}, "entities": entities, "phrases": {"trees": source}}
    (root / "sources.json").write_text(json.dumps(sources))
    return root


def _sentiment(split: str, n: int) -> dict[str, Any]:
    label = LABELS[n % 4]
    return {
        "text": f"{split} the {label} hotel {n}",
        "label": label,
        "source": "reviews",
        "domain": "d",
        "lic": _class(n),
    }


def _entity(split: str, n: int) -> dict[str, Any]:
    place = PLACES[n % 4]
    text = f"{split} Anna lives in {place} since {n}"
    at = text.index(place)
    spans = [{"begin": at, "end": at + len(place), "type": "LOCATION"}]
    return {"text": text, "spans": spans, "source": "news", "lic": _class(n)}


def _silver(n: int) -> dict[str, Any]:
    row = _entity("train", n)
    begin = row["text"].rindex(" ") + 1
    date = {"begin": begin, "end": len(row["text"]), "type": "DATE"}
    return row | {"spans": [*row["spans"], date], "source": "news+silver"}


def _phrase(split: str, n: int) -> dict[str, Any]:
    text = f"{split} saw the old house {n}"
    at = text.index("the")
    return {"text": text, "spans": [{"begin": at, "end": at + 13}], "source": "trees", "lic": _class(n)}


def _class(n: int) -> str:
    return "noncommercial" if n % 4 == 3 and n > 11 else "open"


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow
    import pyarrow.parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
