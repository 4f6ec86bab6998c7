"""What became of single texts, in the order of the sample: two analyzers are compared text by text."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from sentiment_core.evaluation.classes import likeliest_of_three
from sentiment_core.evaluation.spans import SpanCounts, count_entities, count_key_phrases, total
from sentiment_core.examples import EntityExample, KeyPhraseExample, SentimentExample
from sentiment_core.models import Analysis, SentimentType

Judgement = tuple[SentimentType, SentimentType | None]
"""What a text is annotated with, and the likeliest of three classes; None for an answer that failed."""


class TextResults(Struct, frozen=True):
    """One language. ``sentiment`` leaves out the texts annotated MIXED; the counts are of all types together."""

    sentiment: Sequence[Judgement]
    entities: Sequence[SpanCounts]
    key_phrases: Sequence[SpanCounts]


def judged_sentiment(examples: Sequence[SentimentExample], answers: Sequence[Analysis | None]) -> list[Judgement]:
    """The judgement of each text that is not annotated MIXED."""
    return [
        (example.sentiment, likeliest_of_three(answer.sentiment.scores) if answer and answer.sentiment else None)
        for example, answer in zip(examples, answers, strict=True)
        if example.sentiment != SentimentType.MIXED
    ]


def counted_entities(examples: Sequence[EntityExample], answers: Sequence[Analysis | None]) -> list[SpanCounts]:
    """The counts of each text, over the types that its source covers."""
    return [
        replace(total(count_entities(example, (answer and answer.entities) or ()).values()), texts=1)
        for example, answer in zip(examples, answers, strict=True)
    ]


def counted_key_phrases(examples: Sequence[KeyPhraseExample], answers: Sequence[Analysis | None]) -> list[SpanCounts]:
    """The counts of each text."""
    return [
        count_key_phrases(example, (answer and answer.key_phrases) or ())
        for example, answer in zip(examples, answers, strict=True)
    ]
