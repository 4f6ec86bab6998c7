"""Reads ``{folder}/{language}.tsv``: everyday sentences, the same in all twelve languages.

Those of ``sentences`` were looked at while the model was made; those of ``heldout`` were measured when a bound of its
blend was chosen; those of ``fresh`` were written after it, by another hand. None are training rows.

A line is an id, the expected sentiment and a text. The id's first part is the kind: ``plain``, ``negation``,
``contrast``, ``follow`` (praise or a complaint after a fact), ``name`` (a template) or ``entity``, whose expected
entities are marked in the text, as in ``[Berlin|LOCATION] is ...``. The line ``names`` lists the names for the
templates.
"""

import re
from functools import cache
from pathlib import Path

from msgspec import Struct

from sentiment_core.examples import EntitySpan
from sentiment_core.models import EntityType, SentimentType

DEVELOPMENT, HELD_OUT, FRESH = FOLDERS = "sentences", "heldout", "fresh"
_MARKED = re.compile(r"\[([^|\]]+)\|([A-Z_]+)\]")


class Sentence(Struct, frozen=True):
    """``sentiment`` is None where nothing is expected of it."""

    language: str
    id: str
    text: str
    sentiment: SentimentType | None
    entities: tuple[EntitySpan, ...]


@cache
def read_sentences(language: str, folder: str = DEVELOPMENT) -> dict[str, Sentence]:
    """The language's sentences by id, the names apart."""
    rows = (line.split("\t") for line in _lines(language, folder))
    return {id_: _sentence(language, id_, expected, text) for id_, expected, text in rows if id_ != "names"}


@cache
def read_names(language: str) -> list[str]:
    """Names of many cultures, as the language writes them."""
    lines = _lines(language, DEVELOPMENT)
    [names] = (line.split("\t")[2].split(", ") for line in lines if line.startswith("names\t"))
    return names


def of_kind(language: str, *kinds: str, folder: str = DEVELOPMENT) -> list[Sentence]:
    """The language's sentences of the kinds."""
    return [each for each in read_sentences(language, folder).values() if each.id.partition(".")[0] in kinds]


def _lines(language: str, folder: str) -> list[str]:
    return (Path(__file__).with_name(folder) / f"{language}.tsv").read_text(encoding="utf-8").splitlines()


def _sentence(language: str, id_: str, expected: str, marked: str) -> Sentence:
    text, entities, end = "", [], 0
    for match in _MARKED.finditer(marked):
        text += marked[end : match.start()]
        entities.append(EntitySpan(len(text), len(text) + len(match[1]), EntityType(match[2])))
        text, end = text + match[1], match.end()
    return Sentence(language, id_, text + marked[end:], SentimentType(expected) if expected else None, tuple(entities))
