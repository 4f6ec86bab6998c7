"""How many annotated spans are found exactly: same begin, same end, and for an entity the same type."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from sentiment_core.examples import EntityExample, KeyPhraseExample
from sentiment_core.models import Entity, EntityType, KeyPhrase

Span = tuple[int, int]


class SpanCounts(Struct, frozen=True):
    """What adds up over texts. The scores are 0 to 1, and 1 where there was nothing to find and nothing was found."""

    texts: int = 0
    gold: int = 0
    predicted: int = 0
    exact: int = 0

    def __add__(self, other: "SpanCounts") -> "SpanCounts":
        return SpanCounts(
            self.texts + other.texts,
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.exact + other.exact,
        )

    @property
    def precision(self) -> float:
        """Share of the predicted spans that are annotated."""
        return self.exact / self.predicted if self.predicted else float(not self.gold)

    @property
    def recall(self) -> float:
        """Share of the annotated spans that are predicted."""
        return self.exact / self.gold if self.gold else float(not self.predicted)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN)."""
        both = self.gold + self.predicted
        return 2 * self.exact / both if both else 1.0


def total(counts: Iterable[SpanCounts]) -> SpanCounts:
    """The counts added up: scores of the sum are micro-averages. ``texts`` adds up as well."""
    return sum(counts, SpanCounts())


def count_spans(gold: Iterable[Span], predicted: Iterable[Span]) -> SpanCounts:
    """The counts of one text."""
    annotated, found = set(gold), set(predicted)
    return SpanCounts(1, len(annotated), len(found), len(annotated & found))


def count_key_phrases(example: KeyPhraseExample, predicted: Sequence[KeyPhrase]) -> SpanCounts:
    """The counts of one text."""
    return count_spans(example.key_phrases, ((each.begin, each.end) for each in predicted))


def count_entities(example: EntityExample, predicted: Sequence[Entity]) -> dict[EntityType, SpanCounts]:
    """The counts of one text, by type, over the types that its source covers.

    What is predicted of another type is left out: the source says nothing about it, right or wrong.
    """
    return {
        kind: count_spans(
            ((each.begin, each.end) for each in example.entities if each.type == kind),
            ((each.begin, each.end) for each in predicted if each.type == kind),
        )
        for kind in EntityType
        if kind in example.covers
    }
