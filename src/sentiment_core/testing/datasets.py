"""InMemoryDataset: labelled texts that a test writes down."""

import hashlib
from collections.abc import Mapping, Sequence

from sentiment_core.examples import EntityExample, KeyPhraseExample, SentimentExample

Key = tuple[str, str]
"""Language and split."""


class InMemoryDataset:
    """Gives the examples of a language and split that it was made with, none for any other."""

    def __init__(
        self,
        sentiment: Mapping[Key, Sequence[SentimentExample]] | None = None,
        entities: Mapping[Key, Sequence[EntityExample]] | None = None,
        key_phrases: Mapping[Key, Sequence[KeyPhraseExample]] | None = None,
    ) -> None:
        self._digest = hashlib.sha256(repr((sentiment, entities, key_phrases)).encode()).hexdigest()
        self._sentiment = sentiment or {}
        self._entities = entities or {}
        self._key_phrases = key_phrases or {}

    def sentiment(self, language: str, split: str) -> Sequence[SentimentExample]:
        return self._sentiment.get((language, split), ())

    def entities(self, language: str, split: str) -> Sequence[EntityExample]:
        return self._entities.get((language, split), ())

    def key_phrases(self, language: str, split: str) -> Sequence[KeyPhraseExample]:
        return self._key_phrases.get((language, split), ())

    def digest(self) -> str:
        return self._digest
