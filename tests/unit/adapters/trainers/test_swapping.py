"""Copies of rows with other names."""

from adapters.trainers.torch.swapping import swapped
from sentiment_core.examples import EntityExample, EntitySpan
from sentiment_core.models import EntityType

PERSON, LOCATION = EntityType.PERSON, EntityType.LOCATION
COVERS = frozenset({PERSON, LOCATION})


def row(text: str, source: str, *entities: EntitySpan) -> EntityExample:
    return EntityExample(text, entities, COVERS, source, "open")


ROWS = [
    row("Ada met Bo in Rome.", "a", EntitySpan(0, 3, PERSON), EntitySpan(8, 10, PERSON), EntitySpan(14, 18, LOCATION)),
    row("Wilhelmina left New York!", "b", EntitySpan(0, 10, PERSON), EntitySpan(16, 24, LOCATION)),
    row("Nobody came.", "b"),
]
NAMES = {PERSON: {"Ada", "Bo", "Wilhelmina"}, LOCATION: {"Rome", "New York"}}


def test_names_are_exchanged_for_names_of_their_type_and_the_words_between_them_stay() -> None:
    """Over many seeds each name comes into each place of its type."""
    seen = set()
    for seed in range(60):
        first, second = swapped(ROWS, str(seed))
        for row in (first, second):
            for entity in row.entities:
                name = row.text[entity.begin : entity.end]
                assert name in NAMES[entity.type]
                seen.add((row.source, entity.type, name))
        words = [
            first.text[one.end : other.begin] for one, other in zip(first.entities, first.entities[1:], strict=False)
        ]
        assert [*words, first.text[first.entities[-1].end :]] == [" met ", " in ", "."]
    assert seen == {(row, kind, name) for row in "ab" for kind, names in NAMES.items() for name in names}


def test_a_copy_keeps_what_its_source_says_and_a_row_without_entities_has_none() -> None:
    copies = list(swapped(ROWS, "1"))

    assert [(each.source, each.covers, each.licence) for each in copies] == [
        ("a", COVERS, "open"),
        ("b", COVERS, "open"),
    ]


def test_the_same_seed_gives_the_same_copies() -> None:
    assert list(swapped(ROWS, "1")) == list(swapped(ROWS, "1"))
