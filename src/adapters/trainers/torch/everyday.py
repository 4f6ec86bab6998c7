"""Everyday sentences, written for this project (licence: ours, open).

The corpora are reviews, tweets and news; what any newcomer tries first is plainer. Each language has whole sentences
(``sentences/{language}.tsv``: a class and a text a line) and, in ``everyday.json``, things, what is said of them, and
sentences with places for names, dates and amounts. Rows are drawn by a fixed seed.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

from adapters.trainers.torch.as_typed import as_typed
from sentiment_core.examples import EntityExample, EntitySpan, SentimentExample
from sentiment_core.models import EntityType, SentimentType

SOURCE = "everyday"
_COVERED = frozenset(EntityType)
_SHARES = {
    SentimentType.POSITIVE: 3.0,
    SentimentType.NEGATIVE: 3.0,
    SentimentType.NEUTRAL: 2.0,
    SentimentType.MIXED: 2.0,
}
"""Of the rows drawn; each sentence written whole is a row besides."""
_WHOLE = 0.4
"""How often a sentence, or a clause, is one of those written whole."""
_SENTENCES = (0.6, 0.2, 0.1, 0.06, 0.04)
"""How often a text is one sentence, two, and so on to five."""
_TURNED = 0.5
"""How often praise or blame is of the patterns in which a word is as often denied as said."""
_NAMED = 0.7
"""How often a neutral sentence that is made is one with names."""
_WHOLE_CLAUSES = {"positive": "good", "negative": "bad"}
_PLACE = re.compile(r"\[(\w+)\]")
_WORD = re.compile(r"\{(\w+)\}")


class Everyday:
    """Rows for training: of each language the sentences written whole, and ``rows`` drawn of each task."""

    def __init__(self, rows: int = 2500, seed: int = 0) -> None:
        self._rows = rows
        self._seed = seed

    def sentiment(self, language: str, split: str) -> list[SentimentExample]:
        """Rows of the four classes: each sentence written whole once; and those drawn, where it may come again.

        The latter are written as people type.
        """
        if split != "train":
            return []
        random_, words = self._random(language), self._lists[language]
        kinds = random_.choices(tuple(_SHARES), tuple(_SHARES.values()), k=self._rows)
        rows = [(text, kind) for kind in _SHARES for text in words[kind]]
        rows += [(as_typed(_text(words, kind, random_), kind, language, random_), kind) for kind in kinds]
        return [SentimentExample(text, kind, SOURCE, "open") for text, kind in rows]

    def entities(self, language: str, split: str) -> list[EntityExample]:
        """Rows in which all entities are marked."""
        if split != "train":
            return []
        random_, words = self._random(language), self._lists[language]
        templates = random_.choices(words["entities"] + words["facts"], k=self._rows)
        rows = {row.text: row for row in (_filled(template, words, random_) for template in templates)}
        return list(rows.values())

    @cached_property
    def _lists(self) -> dict[str, dict[str, Any]]:
        folder = files(__package__)
        lists: dict[str, dict[str, Any]] = json.loads((folder / "everyday.json").read_bytes())
        for language, words in lists.items():
            words.update({kind: [] for kind in _SHARES})
            for line in (folder / "sentences" / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
                kind, text = line.split("\t")
                words[kind].append(text)
        return lists

    def _random(self, language: str) -> random.Random:
        return random.Random(f"{self._seed} {language}")  # noqa: S311 (no secret)


def _text(words: Mapping[str, Any], kind: SentimentType, random_: random.Random) -> str:
    """One sentence of the class, or several that together are of it."""
    [count] = random_.choices(range(1, len(_SENTENCES) + 1), _SENTENCES)
    if count == 1:
        return _sentence(words, kind, random_)
    full, last = words["full"], words["full"].strip()
    first, *others = (_sentence(words, tone, random_) for tone in _tones(kind, count, random_))
    text = first
    for sentence in others:
        text += (full if text[-1].isalnum() else full.removeprefix(last)) + sentence
    return text


def _tones(kind: SentimentType, count: int, random_: random.Random) -> list[SentimentType]:
    """The class of each sentence: a praise and a complaint for MIXED, one of its own else, and more of these or facts.

    Several of one tone come more often than both, or a second sentence would be learned as a sign of MIXED.
    """
    sides = [SentimentType.POSITIVE, SentimentType.NEGATIVE] if kind is SentimentType.MIXED else [kind]
    tones = sides + random_.choices([*sides, SentimentType.NEUTRAL], k=count - len(sides))
    random_.shuffle(tones)
    return tones


def _sentence(words: Mapping[str, Any], kind: SentimentType, random_: random.Random) -> str:
    """One sentence of the class, or for MIXED a praise and a complaint."""
    side = kind.lower()
    if side in words["turned"] and random_.random() < _TURNED:
        return _turned(words["turned"], side, random_)
    if random_.random() < _WHOLE:
        return str(random_.choice(words[kind]))
    if kind is SentimentType.MIXED:
        return _contrast(words, random_)
    if kind is SentimentType.NEUTRAL and random_.random() < _NAMED:
        return _filled(random_.choice(words["facts"]), words, random_).text
    mark = random_.choice((words["full"].strip(), words["full"].strip(), "!", ""))
    clause = _clause(words, side, random_.choice(words["things"]), random_)
    return _capitalized(clause) + ("" if mark == "!" and kind is SentimentType.NEUTRAL else mark)


def _turned(words: Mapping[str, Sequence[str]], side: str, random_: random.Random) -> str:
    """A pattern of that side with a word of the list in each of its places."""
    return _capitalized(_WORD.sub(lambda place: random_.choice(words[place[1]]), random_.choice(words[side])))


def _contrast(words: Mapping[str, Any], random_: random.Random) -> str:
    """Two clauses, joined by a template; a template that needs the first one's stem is for clauses that have one."""
    sides, things = random_.sample(("positive", "negative"), 2), random_.sample(words["things"], 2)
    first, second = (_clause(words, *each, random_) for each in zip(sides, things, strict=True))
    stem = first.removesuffix(words.get("ending", ""))
    template = random_.choice([each for each in words["but"] if "{stem}" not in each or stem != first])
    return _capitalized(template.format(a=first, b=second, stem=stem))


def _clause(words: Mapping[str, Any], side: str, thing: str, random_: random.Random) -> str:
    """A clause that stands by itself, or the thing and what is said of it; it begins with a small letter."""
    if side in _WHOLE_CLAUSES and random_.random() < _WHOLE:
        return str(random_.choice(words[_WHOLE_CLAUSES[side]]))
    return f"{thing[0].lower()}{thing[1:]}{'' if words['full'] == '。' else ' '}{random_.choice(words[side])}"


def _capitalized(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _filled(template: str, words: Mapping[str, Any], random_: random.Random) -> EntityExample:
    """The template with a word of the list in each of its places."""
    text, entities, end = "", [], 0
    for place in _PLACE.finditer(template):
        text += template[end : place.start()]
        chosen = random_.choice(words[place[1]])
        entities.append(EntitySpan(len(text), len(text) + len(chosen), EntityType(place[1])))
        text, end = text + chosen, place.end()
    return EntityExample(text + template[end:], tuple(entities), _COVERED, SOURCE, "open")
