"""Entries come back as they were, or not at all."""

import pytest
from hypothesis import given

from sentiment_core.caching.entries import cache_key, decode_entry, encode_entry
from sentiment_core.models import ALL_FEATURES, Analysis, Document, Entity, EntityType, KeyPhrase, SentimentType
from sentiment_core.testing import fake_analysis
from tests.strategies import ANALYSES_BY_TEXT

DOCUMENT = Document("Maria loves Lisbon", "pt")
ANALYSIS = fake_analysis(
    SentimentType.POSITIVE,
    [Entity("Maria", EntityType.PERSON, 0.99, 0, 5), Entity("Lisbon", EntityType.LOCATION, 0.97, 12, 18)],
    [KeyPhrase("Lisbon", 0.9, 12, 18)],
    language="pt",
)


@given(ANALYSES_BY_TEXT)
def test_an_answer_is_the_same_after_its_entry(answers: dict[str, Analysis]) -> None:
    for text, analysis in answers.items():
        decoded = decode_entry(encode_entry(analysis), Document(text), analysis.analyzer, analysis.model_version)

        assert decoded == analysis


def test_one_bit_that_was_turned_makes_it_no_entry() -> None:
    """Most would still be a sound entry, with another score or place."""
    value = encode_entry(ANALYSIS)
    assert decode_entry(value, DOCUMENT, "fake", "fake-1.0") == ANALYSIS

    for bit in range(8 * len(value)):
        turned = (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value))
        with pytest.raises(ValueError, match="checksum"):
            decode_entry(turned, DOCUMENT, "fake", "fake-1.0")


def test_the_key_of_a_question_is_the_same_in_every_process() -> None:
    """Replicas share a cache: a set's order or a salted hash would keep them from finding each other's answers."""
    key = cache_key("comprehend", "1", ALL_FEATURES, DOCUMENT)

    assert key.hex() == "aa4a9e31c16fe72306c7cde29a08947064988a7ffed3afbd24ba4e2851feba0b"
