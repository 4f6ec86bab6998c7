"""What the OpenAPI document says of the fields of the core's Structs, which carry no documentation of this API."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw
from msgspec.json import Encoder, decode

from entrypoints.api.errors import ERRORS
from entrypoints.api.problems import problem
from entrypoints.api.schemas import (
    ANSWER_ID,
    AnalyzeRequest,
    BatchDocument,
    BatchRequest,
    BatchResponse,
    BatchResult,
    FeedbackRequest,
    FeedbackResponse,
    ItemError,
    Problem,
    Status,
)
from sentiment_core.models import (
    Analysis,
    Entity,
    EntityType,
    Feature,
    KeyPhrase,
    Sentiment,
    SentimentScore,
    SentimentType,
)

# Sets come in an order of their own after every start; the document is to be the same.
_encode = Encoder(order="deterministic").encode

TEXT = "AWS provides a great service"
SCORES = SentimentScore(0.99, 0.01, 0.0, 0.0)
SENTIMENT = Sentiment(SentimentType.POSITIVE, SCORES)
ENTITY = Entity("AWS", EntityType.ORGANIZATION, 0.98, 0, 3)
KEY_PHRASE = KeyPhrase("a great service", 0.99, 13, 28)
ANALYSIS = Analysis(
    SENTIMENT,
    (ENTITY,),
    (KEY_PHRASE,),
    model_version="aws-comprehend-1.0",
    analyzer="comprehend",
    language="en",
    id=ANSWER_ID,
)
ANSWERED = BatchResult("review-17", analysis=ANALYSIS)
REFUSED = ItemError("invalid_request", "Expected `str`, got `int` - at `$.text`.")
FAILED = BatchResult("1", error=REFUSED)
DOCUMENT = BatchDocument(TEXT, "review-17")

EXAMPLES: Mapping[type, Sequence[Any]] = {
    Sentiment: [SENTIMENT],
    SentimentScore: [SCORES],
    Entity: [ENTITY],
    KeyPhrase: [KEY_PHRASE],
    Analysis: [ANALYSIS],
    AnalyzeRequest: [AnalyzeRequest(TEXT), AnalyzeRequest(TEXT, "auto", frozenset({Feature.SENTIMENT}))],
    BatchDocument: [DOCUMENT],
    BatchRequest: [BatchRequest(Raw(_encode([DOCUMENT, {"text": 7}])))],
    BatchResult: [ANSWERED, FAILED],
    BatchResponse: [BatchResponse([ANSWERED, FAILED])],
    FeedbackRequest: [FeedbackRequest(ANSWER_ID, SentimentType.NEGATIVE)],
    FeedbackResponse: [FeedbackResponse(ANSWER_ID, SentimentType.POSITIVE, right=False)],
    ItemError: [REFUSED],
    Problem: [problem("invalid_json", ERRORS["invalid_json"].advice, "c0ffee0123456789")],
    Status: [Status("healthy"), Status("ready")],
    EntityType: [ENTITY.type],
    SentimentType: [SENTIMENT.sentiment],
    Feature: [Feature.SENTIMENT],
}
"""Whole examples of each; the fields' own are parts of them."""

_BEGIN = "Index of its first character in the text, in Unicode code points."
_END = "Index after its last character, in Unicode code points."
_SCORE = "How sure the analyzer is, 0 to 1."

DESCRIPTIONS: Mapping[type, Mapping[str, str]] = {
    Sentiment: {"sentiment": "The class with the highest score.", "scores": "The probability of each class."},
    SentimentScore: {
        "Positive": "Probability of POSITIVE, 0 to 1; the four sum to 1.",
        "Negative": "Probability of NEGATIVE, 0 to 1.",
        "Neutral": "Probability of NEUTRAL, 0 to 1.",
        "Mixed": "Probability of MIXED, 0 to 1.",
    },
    Entity: {
        "text": "The entity as it stands in the text.",
        "type": "What it is.",
        "score": _SCORE,
        "begin": _BEGIN,
        "end": _END,
    },
    KeyPhrase: {"text": "The noun phrase as it stands in the text.", "score": _SCORE, "begin": _BEGIN, "end": _END},
    Analysis: {
        "sentiment": "The sentiment of the whole text; null when it was not asked for.",
        "entities": "People, places, organizations and more, in order; null when they were not asked for.",
        "key_phrases": "The noun phrases of the text, in order; null when they were not asked for.",
        "model_version": "Which model answered: two versions may answer the same text differently.",
        "analyzer": "Who answered: `comprehend`, `embedded`.",
        "language": "The language that the text was taken to be in.",
        "id": "The answer's own id, signed, with which `POST /feedback` judges it. It holds nothing of the text.",
        "degraded": "True when another analyzer than the wanted one answered.",
        "degraded_reason": "Then, the code of the error that kept the wanted one away; otherwise null.",
    },
    BatchResult: {"analysis": "The document's answer, if it got one.", "error": "Otherwise, why it got none."},
    BatchResponse: {"results": "One result for each document, in order."},
}


def examples_of(kind: type) -> list[Any]:
    """The whole examples, as they are in JSON."""
    return [decode(_encode(example)) for example in EXAMPLES[kind]]


def example_of(kind: type, field: str) -> Any:
    """The example of one field, as it is in JSON."""
    return next(example[field] for example in examples_of(kind) if field in example)
