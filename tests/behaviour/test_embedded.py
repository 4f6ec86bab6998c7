"""The embedded model on everyday sentences, after CheckList (Ribeiro et al., ACL 2020): rates with floors."""

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from sentiment_core.examples import EntitySpan
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import Document, EntityType
from tests.behaviour.floors import AGREEMENT, FLOORS, NEWCOMER_SENTENCES
from tests.behaviour.rates import Ask, sentiments, spans
from tests.behaviour.sentences import of_kind, read_sentences


@pytest.fixture(scope="session")
def rates(ask: Ask) -> Callable[[str], dict[str, float]]:
    """By the name of a floor, the rate of each of its languages; measured once."""

    @cache
    def measured(name: str) -> dict[str, float]:
        floor = FLOORS[name]
        return {language: floor.measure(ask, language) for language in floor.languages}

    return measured


@pytest.mark.parametrize("name", FLOORS)
def test_a_rate_is_above_its_floor_in_the_mean(rates: Callable[[str], dict[str, float]], name: str) -> None:
    found = rates(name)

    assert sum(found.values()) / len(found) >= FLOORS[name].mean, found


@pytest.mark.parametrize("name", FLOORS)
def test_a_rate_is_above_its_floor_in_the_weakest_language(rates: Callable[[str], dict[str, float]], name: str) -> None:
    found = rates(name)

    assert min(found.values()) >= FLOORS[name].weakest, found


def test_the_same_sentence_gets_the_same_sentiment_in_most_of_the_languages(ask: Ask) -> None:
    plain = {
        language: sentiments(ask, [each.text for each in of_kind(language, "plain")], language)
        for language in LANGUAGES
    }
    agreeing = [Counter(labels).most_common(1)[0][1] / len(labels) for labels in zip(*plain.values(), strict=True)]

    assert sum(agreeing) / len(agreeing) >= AGREEMENT


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_newcomer_tries_first_is_right(ask: Ask, language: str) -> None:
    tried = [read_sentences(language)[name] for name in NEWCOMER_SENTENCES]
    found = sentiments(ask, [each.text for each in tried], language)

    assert dict(zip((each.text for each in tried), found, strict=True)) == {each.text: each.sentiment for each in tried}


@pytest.mark.parametrize("language", LANGUAGES)
def test_berlin_is_a_location(ask: Ask, language: str) -> None:
    sentence = read_sentences(language)["entity.berlin"]
    [answer] = ask([Document(sentence.text, language)])

    assert sentence.entities[0] in spans(answer)


def test_the_founder_the_company_the_city_and_the_year_are_found(ask: Ask) -> None:
    [answer] = ask([Document("Jeff Bezos founded Amazon in Seattle in 1994", "en")])

    assert spans(answer) >= {
        EntitySpan(0, 10, EntityType.PERSON),
        EntitySpan(19, 25, EntityType.ORGANIZATION),
        EntitySpan(29, 36, EntityType.LOCATION),
        EntitySpan(40, 44, EntityType.DATE),
    }
