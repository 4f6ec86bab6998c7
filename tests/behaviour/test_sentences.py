"""The sentences are what the rates take them for."""

import json
import random
from importlib.resources import files
from typing import Any

import pytest

from adapters.trainers.torch import everyday
from adapters.trainers.torch.as_typed import as_typed
from adapters.trainers.torch.everyday import Everyday
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import EntityType, SentimentType
from tests.behaviour.makeable import expressions
from tests.behaviour.rates import capitals, with_emoji, with_typo
from tests.behaviour.sentences import FOLDERS, of_kind, read_names, read_sentences

EVERYDAY = Everyday(rows=6_000)
PATTERNS = json.loads((files("adapters.trainers.torch") / "everyday.json").read_bytes())

TYPES = {EntityType.PERSON, EntityType.LOCATION, EntityType.ORGANIZATION, EntityType.DATE, EntityType.QUANTITY}


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_sentences_and_at_least_thirty(language: str, folder: str) -> None:
    sentences, english = read_sentences(language, folder), read_sentences("en", folder)

    assert list(sentences) == list(english)
    assert len({each.text for each in sentences.values()}) == len(sentences) >= 30
    assert [each.sentiment for each in sentences.values()] == [each.sentiment for each in english.values()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_marked_entity_has_the_same_type_in_all_languages(language: str, folder: str) -> None:
    pairs = zip(of_kind(language, "entity", folder=folder), of_kind("en", "entity", folder=folder), strict=True)
    for one, other in pairs:
        assert sorted(each.type for each in one.entities) == sorted(each.type for each in other.entities), one.text
        assert "[" not in one.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_in_two_sets(language: str) -> None:
    texts = [each.text for folder in FOLDERS for each in read_sentences(language, folder).values()]

    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_a_training_row(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what a drawn row was before it was written as people type; case and the mark at the end do not count."""
    trained = set()

    def remembered(text: str, *others: Any) -> str:
        trained.add(bare(text))
        return as_typed(text, *others)

    monkeypatch.setattr(everyday, "as_typed", remembered)
    trained |= {
        bare(row.text) for row in (*EVERYDAY.sentiment(language, "train"), *EVERYDAY.entities(language, "train"))
    }
    measured = {bare(each.text) for folder in FOLDERS for each in read_sentences(language, folder).values()}

    assert not trained & measured


def bare(text: str) -> str:
    return text.casefold().rstrip(".!。！ ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pattern_of_the_training_rows_can_make_a_sentence(language: str) -> None:
    makes = list(expressions(PATTERNS[language]))
    measured = [each.text for folder in FOLDERS for each in read_sentences(language, folder).values()]

    assert not [text for text in measured if any(each.fullmatch(text) for each in makes)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_patterns_can_make_is_all_that_they_do_make(language: str) -> None:
    """Of one sentence; the ones written whole aside."""
    words = PATTERNS[language]
    makes = list(expressions(words))
    drawn = set()
    for seed in range(100):
        random_ = random.Random(seed)
        drawn.add(everyday._filled(random_.choice(words["entities"] + words["facts"]), words, random_).text)
        drawn.add(everyday._contrast(words, random_))
        for side in ("positive", "negative"):
            drawn.add(everyday._turned(words["turned"], side, random_))
            drawn.add(everyday._clause(words, side, random_.choice(words["things"]), random_))

    assert len(drawn) > 400
    assert not [text for text in drawn if not any(each.fullmatch(text) for each in makes)]


def test_every_everyday_type_of_entity_occurs() -> None:
    assert {each.type for sentence in of_kind("en", "entity") for each in sentence.entities} == TYPES


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_have_a_place_for_the_names(language: str) -> None:
    assert all(each.text.count("{name}") == 1 for each in of_kind(language, "name"))
    assert len(set(read_names(language))) >= 10


def test_spans_are_those_of_the_marked_words() -> None:
    sentence = read_sentences("de")["entity.amazon"]
    assert [sentence.text[each.begin : each.end] for each in sentence.entities] == [
        "Jeff Bezos",
        "Amazon",
        "1994",
        "Seattle",
    ]


def test_sentences_are_rewritten_as_said() -> None:
    sentence = read_sentences("en")["plain.staff"]

    assert sentence.sentiment is SentimentType.POSITIVE
    assert capitals(sentence) == "THE STAFF WERE WONDERFUL."
    assert with_emoji(sentence) == "The staff were wonderful. 😀👍"
    assert with_typo(sentence) == "The staff were wonedrful."
    assert with_typo(read_sentences("en")["plain.food"]) == "The food was terirble."
