"""The rows of all languages as the trainings read them: encoded once, held flat in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from adapters.analyzers.onnx.features import Ints, characters, encode
from adapters.trainers.torch.everyday import Everyday
from adapters.trainers.torch.ragged import Ragged
from adapters.trainers.torch.swapping import swapped
from adapters.trainers.torch.tags import IGNORED, Spans, covered_tags, entity_spans, piece_tags
from adapters.trainers.torch.tokenizer import sample_texts
from sentiment_core.examples import EntityExample
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import SentimentType
from sentiment_core.ports import Dataset

CLASSES = tuple(SentimentType)
_DENSE = 5 / 14
"""What a language written in Han gets of the characters that the others get, to learn pieces from."""

MAX_CHARACTERS = 1_000
"""Characters of a sentiment row that are read at all."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Encoded rows: pieces, their shapes, and each row's language as its place in LANGUAGES."""

    ids: Ragged
    shapes: Ragged
    languages: Ints

    def __len__(self) -> int:
        return len(self.languages)


@dataclass(frozen=True, slots=True)
class SentimentRows:
    """``chars`` are the folded characters of the wide branch; ``labels`` places in CLASSES; ``sources`` numbers."""

    texts: Texts
    chars: Ragged
    labels: Ints
    sources: Ints


@dataclass(frozen=True, slots=True)
class TagRows:
    """``allowed[row, tag]``: what a piece without an entity may be, since its source may not mark all types."""

    texts: Texts
    tags: Ragged
    allowed: NDArray[np.bool_]


def training_texts(dataset: Dataset, everyday: Everyday, characters_: int, seed: int) -> list[str]:
    """What the tokenizer learns from: as many characters of each language, fewer where one is about a word."""
    texts: list[str] = []
    for language in LANGUAGES:
        readers = (dataset.sentiment, dataset.entities, dataset.key_phrases, everyday.sentiment, everyday.entities)
        rows = [example.text for read in readers for example in read(language, "train")]
        share = _DENSE if language in ("ja", "zh", "zh-TW") else 1.0
        texts += sample_texts(rows, round(characters_ * share), seed)
    return texts


def sentiment_rows(dataset: Dataset | None, everyday: Everyday, tokenizer: Tokenizer, split: str) -> SentimentRows:
    """The sentiment rows of a split in all languages; those of "train" with (no dataset: only) the everyday ones."""
    examples = [
        (language, example)
        for language in LANGUAGES
        for example in (*(dataset.sentiment(language, split) if dataset else ()), *everyday.sentiment(language, split))
    ]
    names = [f"{language}/{example.source}" for language, example in examples]
    texts = [example.text[:MAX_CHARACTERS] for _, example in examples]
    return SentimentRows(
        _encode(tokenizer, texts, [language for language, _ in examples])[0],
        _characters(texts),
        np.array([CLASSES.index(example.sentiment) for _, example in examples], np.int64),
        np.unique(names, return_inverse=True)[1] if names else np.zeros(0, np.int64),
    )


def entity_rows(dataset: Dataset, everyday: Everyday, tokenizer: Tokenizer, split: str) -> TagRows:
    """The entity rows of a split in all languages; those of "train" with the everyday ones, and with swapped copies."""
    examples = [
        (language, example)
        for language in LANGUAGES
        for example in _entity_examples(dataset, everyday, language, split)
    ]
    return _tag_rows(
        tokenizer,
        [(language, example.text, entity_spans(example)) for language, example in examples],
        covered_tags([example.covers for _, example in examples]),
    )


def _entity_examples(dataset: Dataset, everyday: Everyday, language: str, split: str) -> list[EntityExample]:
    examples = [*dataset.entities(language, split), *everyday.entities(language, split)]
    return [*examples, *swapped(examples, language)] if split == "train" else examples


def cut_pieces(rows: Iterable[TagRows]) -> tuple[Ints, NDArray[np.bool_]]:
    """The pieces of the rows, and which of them lie across the edge of a span."""
    ids, tags = zip(*((each.texts.ids.values, each.tags.values) for each in rows), strict=True)
    return np.concatenate(ids).astype(np.int64), np.concatenate(tags) == IGNORED


def phrase_rows(dataset: Dataset, tokenizer: Tokenizer, split: str) -> TagRows:
    """The key-phrase rows of a split in all languages."""
    examples = [
        (language, example.text, [(begin, end, 0) for begin, end in example.key_phrases])
        for language in LANGUAGES
        for example in dataset.key_phrases(language, split)
    ]
    allowed = np.zeros((len(examples), 3), np.bool_)
    allowed[:, 0] = True
    return _tag_rows(tokenizer, examples, allowed)


def _characters(texts: Sequence[str]) -> Ragged:
    """The folded characters of all rows."""
    values, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first in range(0, len(texts), 10_000):
        chars, counts = characters(texts[first : first + 10_000])
        values.append(chars[np.arange(chars.shape[1]) < counts[:, None]].astype(np.int32))
        lengths.append(counts)
    return Ragged(np.concatenate(values), np.concatenate(lengths))


def _tag_rows(tokenizer: Tokenizer, examples: Sequence[tuple[str, str, Spans]], allowed: NDArray[np.bool_]) -> TagRows:
    languages, texts, spans = zip(*examples, strict=True) if examples else ((), (), ())
    encoded, tags = _encode(tokenizer, texts, languages, spans)
    return TagRows(encoded, Ragged(tags, encoded.ids.lengths), allowed)


def _encode(
    tokenizer: Tokenizer, texts: Sequence[str], languages: Iterable[str], spans: Sequence[Spans] = ()
) -> tuple[Texts, NDArray[np.int8]]:
    """The encoded texts, and the tag of each of their pieces (none without spans)."""
    encoded = encode(tokenizer, texts)
    places = np.array([LANGUAGES.index(language) for language in languages], np.int64)
    rows = Texts(
        Ragged(encoded.ids.astype(np.int32), encoded.lengths),
        Ragged(encoded.shapes.astype(np.uint8), encoded.lengths),
        places,
    )
    return rows, piece_tags(encoded, texts, spans) if spans else np.zeros(0, np.int8)
