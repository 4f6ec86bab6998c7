"""What comes in and, beside the core's own Structs, what goes out. Litestar makes the OpenAPI document from these."""

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from sentiment_core.models import ALL_FEATURES, Analysis, Feature, SentimentType

TEXT = Meta(
    description="The text, in Unicode, of at most 100,000 bytes in UTF-8. It must hold more than white space.",
    examples=["AWS provides a great service"],
)
LANGUAGE = Meta(
    max_length=35,
    description=(
        "The language of the text: one of en, fr, de, es, it, pt, ja, ko, hi, ar, zh and zh-TW, in any usual spelling "
        "(`en-US`, `zh_tw`), or `auto` to have it found."
    ),
    examples=["en", "auto"],
)
ANSWER_ID = "mAHECAECAwQFBgcIzmoYpQCoUE9TSVRJVkVjomVuqmNvbXByZWhlbmSyYXdzLWNvbXByZWhlbmQtMS4wBokLb7ltHKVCTpgDufYnJg"
FEATURES = Meta(
    min_length=1,
    description="The analyses to make; all three by default. One that is not asked for is null in the answer.",
    examples=[["sentiment", "entities"]],
)

DocumentId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description=(
            "The caller's name for the document, repeated in its result. It need not be unique, since results are in "
            "order. Without one it is the document's index: `0`, `1`, …"
        ),
        examples=["review-17"],
    ),
]


class AnalyzeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """One text to analyze. Of a key that is given twice, the last value counts."""

    text: Annotated[str, TEXT]
    language: Annotated[str, LANGUAGE] = "en"
    features: Annotated[frozenset[Feature], FEATURES] = ALL_FEATURES


class BatchDocument(Struct, frozen=True, forbid_unknown_fields=True):
    """One text of a batch."""

    text: Annotated[str, TEXT]
    id: DocumentId | None = None
    language: Annotated[str, LANGUAGE] = "en"


class BatchRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 texts to analyze.

    Documents are decoded one by one, so that one which is malformed is an error in the results and its neighbours are
    answered; hence the Raw, which the OpenAPI document shows as an array of BatchDocument.
    """

    documents: Raw
    features: Annotated[frozenset[Feature], FEATURES] = ALL_FEATURES


class ItemError(Struct, frozen=True):
    """Why one document of a batch got no answer."""

    code: Annotated[str, Meta(description="What went wrong; stable.", examples=["unsupported_language"])]
    message: Annotated[
        str, Meta(description="A sentence that says what to do.", examples=["The text is empty; send some text."])
    ]


class BatchResult(Struct, frozen=True):
    """What became of one document: ``analysis`` or ``error``."""

    id: Annotated[str, Meta(description="The document's id, or its index.", examples=["review-17"])]
    analysis: Analysis | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


class BatchResponse(Struct, frozen=True):
    """One result for each document, in order."""

    results: list[BatchResult]


AnswerId = Annotated[str, Meta(description="The `id` of the answer, as the service gave it.", examples=[ANSWER_ID])]


class FeedbackRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What would have been right. Of a key that is given twice, the last value counts."""

    id: AnswerId
    sentiment: Annotated[SentimentType, Meta(description="The right sentiment of the text.", examples=["NEGATIVE"])]
    text: Annotated[
        str | None,
        Meta(
            description="The text itself, if it may be kept, to learn from; without it none is kept.",
            examples=["AWS provides a great service"],
        ),
    ] = None


class FeedbackResponse(Struct, frozen=True):
    """How the verdict and the answer compare."""

    id: AnswerId
    answered: Annotated[SentimentType, Meta(description="What the answer said.", examples=["POSITIVE"])]
    right: Annotated[bool, Meta(description="Whether that was right.", examples=[False])]


class Status(Struct, frozen=True):
    """How the service is."""

    status: Annotated[str, Meta(description="`healthy` of a process, `ready` of an analyzer.", examples=["healthy"])]


class Problem(Struct, frozen=True):
    """An error as RFC 9457 has it, with a stable ``code`` and the request's id."""

    type: Annotated[str, Meta(description="A URI of the kind of error.", examples=["urn:sentiment:error:invalid_json"])]
    title: Annotated[str, Meta(description="The kind of error in words.", examples=["The body is not JSON"])]
    status: Annotated[int, Meta(description="The HTTP status.", examples=[400])]
    detail: Annotated[
        str, Meta(description="A sentence that says what to do.", examples=["The body ends too early; send all of it."])
    ]
    code: Annotated[str, Meta(description="What went wrong; stable.", examples=["invalid_json"])]
    request_id: Annotated[
        str, Meta(description="As in `X-Request-Id`; quote it in a report.", examples=["c0ffee0123456789"])
    ]
