"""The best legal sequence of tags."""

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adapters.analyzers.onnx.decoding import TagDecoder, count_transitions, log_softmax

TAGS = 5
"""O, and B and I of two types."""


def _decoder() -> TagDecoder:
    return TagDecoder(np.zeros((TAGS, TAGS), np.float32))


def _logits(*tags: int) -> np.ndarray:
    return np.eye(TAGS, dtype=np.float32)[list(tags)][None] * 5


def _decode(logits: np.ndarray, inside: list[bool] | None = None) -> list[tuple[int, int, int, int]]:
    documents, pieces, _ = logits.shape
    flags = np.array([inside or [False] * pieces] * documents)
    spans = _decoder().decode([logits], np.full(documents, pieces), [flags])
    return list(zip(*(each.tolist() for each in (spans.documents, spans.kinds, spans.first, spans.last)), strict=True))


def test_a_span_goes_from_its_first_to_its_last_piece() -> None:
    assert _decode(_logits(0, 1, 2, 2, 0)) == [(0, 0, 1, 3)]


def test_spans_may_stand_side_by_side() -> None:
    assert _decode(_logits(1, 1, 3, 4)) == [(0, 0, 0, 0), (0, 0, 1, 1), (0, 1, 2, 3)]


def test_a_continuation_without_a_beginning_becomes_one() -> None:
    assert _decode(_logits(0, 2, 2, 0)) == [(0, 0, 1, 2)]


def test_no_span_ends_within_a_word() -> None:
    assert _decode(_logits(0, 1, 0, 0), [False, False, True, False]) in ([], [(0, 0, 1, 2)])


def test_no_span_begins_within_a_word() -> None:
    assert _decode(_logits(0, 0, 1, 0), [False, False, True, False]) == [] or _decode(
        _logits(0, 0, 1, 0), [False, False, True, False]
    ) == [(0, 0, 1, 2)]


def test_pieces_beyond_a_text_are_never_part_of_a_span() -> None:
    logits = np.concatenate([_logits(0, 1, 2, 2), _logits(1, 2, 2, 2)])

    spans = _decoder().decode([logits], np.array([2, 4]), [np.zeros((2, 4), bool)])

    assert spans.documents.tolist() == [0, 1]
    assert spans.last.tolist() == [1, 3]


def test_a_sure_span_scores_higher_than_a_doubtful_one() -> None:
    inside = np.zeros((1, 2), bool)
    sure, doubtful = (_decoder().decode([_logits(1, 2) * f], np.array([2]), [inside]) for f in (2, 0.5))

    assert sure.scores[0] > doubtful.scores[0]


def test_heads_that_are_decoded_together_have_the_spans_that_each_has_alone() -> None:
    numbers = np.random.default_rng(0)
    logits = [numbers.normal(size=(4, 9, tags)).astype(np.float32) for tags in (TAGS, 3)]
    inside = [numbers.random((4, 9)) < 0.3 for _ in logits]
    transitions = [numbers.normal(size=(tags, tags)).astype(np.float32) for tags in (TAGS, 3)]
    lengths = np.array([9, 5, 1, 0])

    together = TagDecoder(*transitions).decode(logits, lengths, inside)

    for head, (scores, own, flags) in enumerate(zip(transitions, logits, inside, strict=True)):
        alone = TagDecoder(scores).decode([own], lengths, [flags])
        chosen = together.heads == head
        for name in ("documents", "kinds", "first", "last"):
            assert np.array_equal(getattr(together, name)[chosen], getattr(alone, name))
        assert np.allclose(together.scores[chosen], alone.scores)


def test_documents_without_pieces_have_no_spans() -> None:
    spans = _decoder().decode([_logits(1)], np.array([0]), [np.zeros((1, 1), bool)])

    assert len(spans.documents) == 0


@given(st.integers(1, 3), st.integers(1, 12), st.randoms(use_true_random=False))
def test_spans_are_in_order_apart_and_within_their_texts(documents: int, pieces: int, random: object) -> None:
    numbers = np.random.default_rng(random.randrange(1 << 30))  # type: ignore[attr-defined]
    logits = numbers.normal(size=(documents, pieces, TAGS)).astype(np.float32) * 3
    lengths = numbers.integers(0, pieces + 1, documents)
    inside = numbers.random((documents, pieces)) < 0.3

    spans = _decoder().decode([logits], lengths, [inside])

    places = list(zip(spans.documents, spans.first, spans.last, strict=True))
    for document, first, last in places:
        assert first <= last < lengths[document]
        assert not inside[document, first]
        assert last + 1 == lengths[document] or not inside[document, last + 1]
    assert all(one[0] < two[0] or one[2] < two[1] for one, two in pairwise(places))
    assert ((spans.scores >= 0) & (spans.scores <= 1)).all()


@given(st.integers(1, 5), st.integers(0, 5), st.integers(0, 1 << 30))
def test_no_legal_sequence_scores_higher(pieces: int, length: int, seed: int) -> None:
    """Against all sequences of five pieces and three tags; beyond the text's length nothing counts."""
    numbers, length = np.random.default_rng(seed), min(pieces, length)
    logits, transitions = numbers.normal(size=(1, pieces, 3)).astype(np.float32), numbers.normal(size=(3, 3))
    inside = numbers.random((1, pieces)) < 0.3

    spans = TagDecoder(transitions.astype(np.float32)).decode([logits], np.array([length]), [inside])

    best = max(_legal(length, inside[0]), key=lambda tags: _score(tags, logits[0], transitions))
    ends = [at for at in range(length) if best[at] and (at + 1 == length or best[at + 1] != 2)]
    assert spans.first.tolist() == [at for at in range(length) if best[at] == 1]
    assert spans.last.tolist() == ends


def _legal(length: int, inside: np.ndarray) -> list[tuple[int, ...]]:
    """All sequences whose every I follows a B or I, and which, inside a word, stay as they were."""
    before = [(0, *tags) for tags in product(range(3), repeat=length)]
    return [
        tags[1:]
        for tags in before
        if all(one != 0 or other != 2 for one, other in pairwise(tags))
        and all(not inside[at] or (tags[at + 1] == 2) == (tags[at] > 0) for at in range(length))
        and all(not inside[at] or tags[at + 1] != 1 for at in range(length))
    ]


def _score(tags: tuple[int, ...], logits: np.ndarray, transitions: np.ndarray) -> float:
    scores = log_softmax(logits)
    steps = pairwise((0, *tags))
    return sum(float(transitions[one, other] + scores[at, other]) for at, (one, other) in enumerate(steps))


def test_transitions_that_are_seen_score_higher() -> None:
    scores = count_transitions([np.array([0, 1, 2, 0, 1, 2])], 3, 0.3)

    assert scores[1, 2] > 0 > scores[1, 0]


def test_log_softmax_sums_to_one() -> None:
    assert np.allclose(np.exp(log_softmax(np.array([[1000.0, 0.0]], np.float32))).sum(), 1.0)
