"""How far two answers agree."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sentiment_core.agreement import agreement_of
from sentiment_core.models import Entity, EntityType, Feature, KeyPhrase, SentimentScore, SentimentType, top_sentiment
from sentiment_core.testing import fake_analysis
from sentiment_core.testing.analyzers import only

BERLIN = Entity("Berlin", EntityType.LOCATION, 0.9, 0, 6)
MONDAY = Entity("Monday", EntityType.DATE, 0.8, 10, 16)
STAFF = KeyPhrase("the staff", 0.9, 0, 9)

spans = st.lists(st.tuples(st.integers(0, 5), st.integers(6, 9), st.sampled_from(EntityType)))


def test_an_answer_agrees_with_itself() -> None:
    answer = fake_analysis(SentimentType.MIXED, [BERLIN], [STAFF])
    agreement = agreement_of(answer, answer)

    assert (agreement.same_sentiment, agreement.confidence_difference) == (True, 0)
    assert agreement.entities is not None
    assert agreement.key_phrases is not None
    assert (agreement.entities.f1, agreement.key_phrases.f1) == (1, 1)


def test_confidence_is_compared_between_the_sentiments_that_each_chose() -> None:
    sure = replace(fake_analysis(), sentiment=top_sentiment(SentimentScore(0.9, 0.1, 0, 0)))
    unsure = replace(fake_analysis(), sentiment=top_sentiment(SentimentScore(0.4, 0.6, 0, 0)))
    agreement = agreement_of(sure, unsure)

    assert agreement.same_sentiment is False
    assert agreement.confidence_difference is not None
    assert round(agreement.confidence_difference, 9) == 0.3


def test_an_entity_is_the_same_only_with_its_edges_and_its_type() -> None:
    first = fake_analysis(entities=[BERLIN, MONDAY])
    second = fake_analysis(entities=[replace(BERLIN, type=EntityType.PERSON), MONDAY, replace(BERLIN, end=5)])
    counts = agreement_of(first, second).entities

    assert counts is not None
    assert (counts.gold, counts.predicted, counts.exact) == (2, 3, 1)


def test_what_was_not_asked_for_is_not_compared() -> None:
    answer = only(fake_analysis(), frozenset({Feature.ENTITIES}))
    agreement = agreement_of(answer, answer)

    assert agreement.entities is not None
    assert (agreement.same_sentiment, agreement.confidence_difference, agreement.key_phrases) == (None, None, None)


@given(spans, spans)
def test_the_overlap_is_the_same_both_ways_round(
    one: list[tuple[int, int, EntityType]], other: list[tuple[int, int, EntityType]]
) -> None:
    first, second = (
        fake_analysis(entities=[Entity("x", kind, 0.9, begin, end) for begin, end, kind in found])
        for found in (one, other)
    )
    there, back = agreement_of(first, second).entities, agreement_of(second, first).entities

    assert there is not None
    assert back is not None
    assert there.f1 == back.f1
