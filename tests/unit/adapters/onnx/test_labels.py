"""What the labels of other people's models mean, or what to write in their place."""

import pytest

from adapters.analyzers.onnx.labels import Tag, sentiment_labels, tag_labels
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import EntityType, SentimentType

POSITIVE, NEGATIVE, NEUTRAL, MIXED = SentimentType


def numbered(*labels: str) -> dict[int, str]:
    return dict(enumerate(labels))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("NEGATIVE", "POSITIVE"), (NEGATIVE, POSITIVE)),
        (("neg", "neu", "pos", "Mixed"), (NEGATIVE, NEUTRAL, POSITIVE, MIXED)),
        (("1 star", "2 stars", "3 stars", "4 stars", "5 stars"), (NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE)),
        (
            ("Very Negative", "negative", "neutral", "positive", "very_positive"),
            (NEGATIVE,) * 2 + (NEUTRAL, *(POSITIVE,) * 2),
        ),
    ],
)
def test_common_spellings_of_a_sentiment_are_known(labels: tuple[str, ...], classes: tuple[SentimentType, ...]) -> None:
    assert sentiment_labels(numbered(*labels)) == list(classes)


@pytest.mark.parametrize("label", ["LABEL_1", "joy", "", "1"])
def test_a_sentiment_that_nothing_tells_the_meaning_of_is_named_with_what_to_write(label: str) -> None:
    with pytest.raises(AnalyzerUnavailableError, match=rf"label '{label}'.*config\.json, under id2label.*POSITIVE"):
        sentiment_labels(numbered("POSITIVE", "NEGATIVE", label))


def test_a_model_that_never_says_negative_is_none_of_sentiments() -> None:
    with pytest.raises(AnalyzerUnavailableError, match="no label that means NEGATIVE"):
        sentiment_labels(numbered("POSITIVE", "NEUTRAL"))


def test_tags_are_of_the_usual_types_and_of_comprehends() -> None:
    labels = ("O", "B-PER", "I-LOC", "I-ORG", "B-MISC", "B-COMMERCIAL_ITEM", "I-date", "B-Person")

    assert tag_labels(numbered(*labels)) == [
        None,
        Tag(EntityType.PERSON, True),
        Tag(EntityType.LOCATION, False),
        Tag(EntityType.ORGANIZATION, False),
        Tag(EntityType.OTHER, True),
        Tag(EntityType.COMMERCIAL_ITEM, True),
        Tag(EntityType.DATE, False),
        Tag(EntityType.PERSON, True),
    ]


@pytest.mark.parametrize("label", ["LABEL_1", "PER", "B-DRUG", "S-PER", "B-"])
def test_a_tag_that_nothing_tells_the_meaning_of_is_named_with_what_to_write(label: str) -> None:
    with pytest.raises(AnalyzerUnavailableError, match=rf"label '{label}'.*O, or B- and I- before one of PERSON, LOC"):
        tag_labels(numbered("O", label))


def test_without_a_label_for_what_is_no_entity_everything_would_be_one() -> None:
    with pytest.raises(AnalyzerUnavailableError, match="no label O"):
        tag_labels(numbered("B-PER", "I-PER"))


def test_labels_that_are_not_numbered_throughout_are_refused() -> None:
    with pytest.raises(AnalyzerUnavailableError, match="not numbered 0, 1, 2"):
        sentiment_labels({1: "POSITIVE", 2: "NEGATIVE"})
