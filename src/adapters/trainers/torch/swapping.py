"""Entity rows with other names in their places: the same sentences teach that it is their words that make the name.

Mention replacement, as in Dai, Adel, "An Analysis of Simple Data Augmentation for Named Entity Recognition" (COLING
2020), where such copies help most where rows are few.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sentiment_core.examples import EntityExample, EntitySpan
from sentiment_core.models import EntityType

_SHARE = 0.5
"""Of a row's entities, how many are exchanged."""

Names = Mapping[EntityType, Sequence[str]]


def swapped(examples: Sequence[EntityExample], seed: str) -> Iterator[EntityExample]:
    """A copy of each example of one language that has entities, some exchanged for others of their type."""
    random_ = random.Random(seed)  # noqa: S311 (no secret)
    names: dict[EntityType, list[str]] = defaultdict(list)
    for example in examples:
        for entity in example.entities:
            names[entity.type].append(example.text[entity.begin : entity.end])
    return (_exchanged(example, names, random_) for example in examples if example.entities)


def _exchanged(example: EntityExample, names: Names, random_: random.Random) -> EntityExample:
    text, entities, end = "", [], 0
    for entity in example.entities:
        text += example.text[end : entity.begin]
        name = example.text[entity.begin : entity.end]
        if random_.random() < _SHARE:
            name = random_.choice(names[entity.type])
        entities.append(EntitySpan(len(text), len(text) + len(name), entity.type))
        text, end = text + name, entity.end
    return EntityExample(text + example.text[end:], tuple(entities), example.covers, example.source, example.licence)
