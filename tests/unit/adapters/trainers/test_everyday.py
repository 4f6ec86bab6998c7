"""The hand-written sentences say what their lists claim."""

import re
from collections import Counter

import pytest

from adapters.trainers.torch.everyday import Everyday
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import SentimentType

EVERYDAY = Everyday(rows=400)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_two_labels(language: str) -> None:
    labels = {(row.text, row.sentiment) for row in Everyday(rows=4_000).sentiment(language, "train")}
    twice = [text for text, count in Counter(text for text, _ in labels).items() if count > 1]

    assert not twice


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_whole_sentence_is_a_row_however_few_are_drawn(language: str) -> None:
    few = Counter(row.sentiment for row in Everyday(rows=0).sentiment(language, "train"))

    assert all(few[label] > 100 for label in SentimentType)
    assert {row.text for row in Everyday(rows=0).sentiment(language, "train")} <= {
        row.text for row in EVERYDAY.sentiment(language, "train")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_four_classes_are_drawn(language: str) -> None:
    assert {row.sentiment for row in EVERYDAY.sentiment(language, "train")} == set(SentimentType)


def test_several_sentences_are_no_sign_of_a_class() -> None:
    """Three and more of one tone come more often than praise and complaints together, and as often for either side."""
    rows = Everyday(rows=4_000).sentiment("en", "train")
    several = Counter(row.sentiment for row in rows if len(re.findall(r"[.!?] [A-Z]", row.text)) >= 2)
    positive, negative, mixed = (several[SentimentType(name)] for name in ("POSITIVE", "NEGATIVE", "MIXED"))

    assert min(positive, negative) > mixed > 50
    assert max(positive, negative) < 1.5 * min(positive, negative)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_for_a_name_is_filled(language: str) -> None:
    assert not [row.text for row in EVERYDAY.sentiment(language, "train") if re.search(r"\[[A-Z]+\]|\{\w+\}", row.text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_are_marked_where_they_stand(language: str) -> None:
    rows = EVERYDAY.entities(language, "train")

    assert all("[" not in row.text and "]" not in row.text for row in rows)
    for row in rows:
        spans = [(entity.begin, entity.end) for entity in row.entities]
        assert all(row.text[begin:end].strip() == row.text[begin:end] != "" for begin, end in spans)
        assert spans == sorted(spans)


def test_the_same_seed_draws_the_same_rows_and_another_does_not() -> None:
    first, again, other = Everyday(50, seed=1), Everyday(50, seed=1), Everyday(50, seed=2)

    assert first.sentiment("en", "train") == again.sentiment("en", "train") != other.sentiment("en", "train")
    assert first.entities("en", "train") == again.entities("en", "train") != other.entities("en", "train")


@pytest.mark.parametrize("split", ["dev", "test"])
def test_they_are_for_training_only(split: str) -> None:
    assert not EVERYDAY.sentiment("en", split)
    assert not EVERYDAY.entities("en", split)
