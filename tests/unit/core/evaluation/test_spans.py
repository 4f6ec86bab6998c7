from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.evaluation.spans import Span, SpanCounts, count_entities, count_key_phrases, count_spans, total
from sentiment_core.examples import EntityExample, EntitySpan, KeyPhraseExample
from sentiment_core.models import Entity, EntityType, KeyPhrase

PERSON, LOCATION, DATE = EntityType.PERSON, EntityType.LOCATION, EntityType.DATE
SPANS = st.lists(st.tuples(st.integers(0, 8), st.integers(9, 12)), max_size=6)
TEXTS = st.lists(st.tuples(SPANS, SPANS), max_size=10)


def test_precision_recall_and_f1_are_as_computed_by_hand() -> None:
    """Of 4 annotated spans and 2 predicted ones, 1 is the same; the other ends one character late."""
    counts = count_spans([(0, 3), (5, 9), (10, 12), (20, 22)], [(0, 3), (5, 10)])

    assert counts == SpanCounts(texts=1, gold=4, predicted=2, exact=1)
    assert (counts.precision, counts.recall) == (1 / 2, 1 / 4)
    assert counts.f1 == pytest.approx(1 / 3)


def test_counts_add_up_over_texts_so_that_their_f1_is_the_micro_average() -> None:
    counts = total([SpanCounts(1, 1, 1, 1), SpanCounts(1, 9, 1, 0)])

    assert counts == SpanCounts(texts=2, gold=10, predicted=2, exact=1)
    assert counts.f1 == pytest.approx(2 / 12)


@pytest.mark.parametrize(
    ("counts", "scores"),
    [
        (SpanCounts(1, gold=0, predicted=0), (1, 1, 1)),
        (SpanCounts(1, gold=2, predicted=0), (0, 0, 0)),
        (SpanCounts(1, gold=0, predicted=2), (0, 0, 0)),
    ],
)
def test_nothing_found_is_right_only_where_there_is_nothing(
    counts: SpanCounts, scores: tuple[float, float, float]
) -> None:
    assert (counts.precision, counts.recall, counts.f1) == scores


def test_an_entity_counts_when_its_type_is_right_too() -> None:
    example = entity_example({PERSON, LOCATION}, EntitySpan(0, 5, PERSON))

    counts = count_entities(example, [entity(0, 5, LOCATION)])

    assert counts == {PERSON: SpanCounts(1, gold=1), LOCATION: SpanCounts(1, predicted=1)}


def test_predictions_of_a_type_that_the_source_does_not_cover_are_left_out() -> None:
    example = entity_example({PERSON}, EntitySpan(0, 5, PERSON))

    counts = count_entities(example, [entity(0, 5, PERSON), entity(9, 13, DATE)])

    assert counts == {PERSON: SpanCounts(1, gold=1, predicted=1, exact=1)}


def test_key_phrases_count_by_their_span() -> None:
    example = KeyPhraseExample("a great hotel in Rome", ((0, 13), (17, 21)), "source", "open")

    counts = count_key_phrases(example, [KeyPhrase("a great hotel", 0.9, 0, 13), KeyPhrase("in Rome", 0.9, 14, 21)])

    assert counts == SpanCounts(1, gold=2, predicted=2, exact=1)


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_texts_does_not_matter(texts: list[tuple[list[Span], list[Span]]], random: Random) -> None:
    assert count_all(random.sample(texts, len(texts))) == count_all(texts)


@given(TEXTS)
def test_scores_are_between_0_and_1_and_f1_between_precision_and_recall(
    texts: list[tuple[list[Span], list[Span]]],
) -> None:
    counts = count_all(texts)
    low, high = sorted((counts.precision, counts.recall))

    assert 0 <= low <= counts.f1 * (1 + 1e-9)
    assert counts.f1 <= high * (1 + 1e-9) <= 1 + 1e-9


@given(st.lists(SPANS))
def test_right_answers_score_1(texts: list[list[Span]]) -> None:
    counts = count_all([(spans, spans) for spans in texts])
    assert counts.precision == counts.recall == counts.f1 == 1


def count_all(texts: list[tuple[list[Span], list[Span]]]) -> SpanCounts:
    return total(count_spans(gold, predicted) for gold, predicted in texts)


def entity_example(covers: set[EntityType], *spans: EntitySpan) -> EntityExample:
    return EntityExample("Maria, on Monday", spans, frozenset(covers), "source", "open")


def entity(begin: int, end: int, kind: EntityType) -> Entity:
    return Entity("Maria, on Monday"[begin:end], kind, 0.9, begin, end)
