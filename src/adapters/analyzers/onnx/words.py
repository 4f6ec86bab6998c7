"""Entities from the tags of tokens: a word is of the type that its first token has."""

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from tokenizers import Encoding

from adapters.analyzers.onnx.decoding import Floats
from adapters.analyzers.onnx.features import code_points, describe
from adapters.analyzers.onnx.labels import Tag
from sentiment_core.models import Entity, EntityType


class _Token(Struct):
    """A token's place in the text, its type (None is no entity), and whether an entity begins with it."""

    begin: int
    end: int
    kind: EntityType | None
    begins: bool
    scores: dict[EntityType | None, float]
    inside: bool = False


def find_entities(
    text: str, windows: Sequence[Encoding], scores: Sequence[Floats], tags: Sequence[Tag | None]
) -> tuple[Entity, ...]:
    """The entities of a text; ``scores`` are the probabilities of the tags, a row for each token of each window.

    A type's probability is that of its B and its I together, so that it is no matter whether the model marks the
    beginning of each entity (BIO) or only of one that follows another (IOB). Tokens that go on with a word of a script
    with spaces are of the word's type. An entity's score is the mean probability of its type over its tokens.
    """
    tokens = list(_tokens(text, windows, scores, tags))
    _mark_insides(text, tokens)
    return tuple(_entity(text, group) for group in _groups(tokens))


def _tokens(
    text: str, windows: Sequence[Encoding], scores: Sequence[Floats], tags: Sequence[Tag | None]
) -> Iterator[_Token]:
    """Those that stand for something in the text other than white space."""
    for window, rows in zip(windows, scores, strict=True):
        for (begin, end), special, row in zip(window.offsets, window.special_tokens_mask, rows.tolist(), strict=True):
            begin += len(text[begin:end]) - len(text[begin:end].lstrip())
            end -= len(text[begin:end]) - len(text[begin:end].rstrip())
            if not special and begin < end:
                yield _token(begin, end, row, tags)


def _token(begin: int, end: int, row: Sequence[float], tags: Sequence[Tag | None]) -> _Token:
    kinds: dict[EntityType | None, float] = {}
    begins: dict[EntityType | None, float] = {}
    for tag, score in zip(tags, row, strict=True):
        kind = tag.kind if tag else None
        kinds[kind] = kinds.get(kind, 0.0) + score
        if tag and tag.begins:
            begins[kind] = begins.get(kind, 0.0) + score
    best = max(kinds, key=kinds.__getitem__)
    return _Token(begin, end, best, begins.get(best, 0.0) > kinds[best] / 2, kinds)


def _mark_insides(text: str, tokens: Sequence[_Token]) -> None:
    """Also of the bytes of one character, which are tokens at one place."""
    offsets = np.array([(token.begin, token.end) for token in tokens], np.int64).reshape(-1, 2)
    _, insides = describe(code_points([text]), np.zeros(len(tokens), np.int64), offsets)
    end = 0
    for token, inside in zip(tokens, insides.tolist(), strict=True):
        token.inside = inside or token.begin < end
        end = max(end, token.end)


def _groups(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    group: list[_Token] = []
    for token in tokens:
        same = bool(group) and (token.inside or (token.kind == group[0].kind and not token.begins))
        if not same:
            if group and group[0].kind is not None:
                yield group
            group = []
        group.append(token)
    if group and group[0].kind is not None:
        yield group


def _entity(text: str, group: Sequence[_Token]) -> Entity:
    kind, begin, end = group[0].kind, group[0].begin, max(token.end for token in group)
    if kind is None:
        raise ValueError("tokens that are of no type are no entity")
    score = sum(token.scores[kind] for token in group) / len(group)
    return Entity(text[begin:end], kind, min(1.0, score), begin, end)
