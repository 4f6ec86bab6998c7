"""Which calls answer which documents, within what one call may hold."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec import Struct

from adapters.analyzers.comprehend.replies import Read, read_entities, read_key_phrases, read_sentiment
from sentiment_core.errors import TextTooLongError
from sentiment_core.languages import LANGUAGES, nearest_code, unsupported_language
from sentiment_core.models import Document, Feature
from sentiment_core.policies.validating import check_text

MAX_BYTES = 5_000
"""Bytes in UTF-8 of a text that every operation takes. Entities and key phrases take 100,000 in a call of its own."""

MAX_DOCUMENTS = 25
"""Documents of one batch."""


class Operation(Struct, frozen=True):
    """How Comprehend makes one analysis: of one text, of a batch, and what its reply says."""

    single: str
    batch: str
    read: Read


OPERATIONS: Mapping[Feature, Operation] = {
    Feature.SENTIMENT: Operation("DetectSentiment", "BatchDetectSentiment", read_sentiment),
    Feature.ENTITIES: Operation("DetectEntities", "BatchDetectEntities", read_entities),
    Feature.KEY_PHRASES: Operation("DetectKeyPhrases", "BatchDetectKeyPhrases", read_key_phrases),
}


class Call(Struct, frozen=True):
    """One call. ``documents`` are of one language, by their place among all that are to be answered."""

    feature: Feature
    documents: Mapping[int, Document]

    @property
    def alone(self) -> bool:
        """Whether it goes by the single operation.

        One document does: single calls have a quota of their own, of twice as many calls, and the batch calls' is
        kept for full batches.
        """
        return len(self.documents) == 1

    @property
    def operation(self) -> str:
        """Comprehend's name of the operation that is called."""
        operation = OPERATIONS[self.feature]
        return operation.single if self.alone else operation.batch

    @property
    def texts(self) -> list[str]:
        return [document.text for document in self.documents.values()]

    @property
    def parameters(self) -> dict[str, str | list[str]]:
        """Of the operation, in Comprehend's terms."""
        language = next(iter(self.documents.values())).language
        return {"LanguageCode": language, **({"Text": self.texts[0]} if self.alone else {"TextList": self.texts})}


def plan(documents: Mapping[int, Document], features: frozenset[Feature]) -> list[Call]:
    """The fewest calls that answer ``documents``, each of which :func:`check` has passed."""
    parcels = [parcel for group in _by_language(documents) for parcel in _parcels(group)]
    return [Call(feature, parcel) for feature in Feature if feature in features for parcel in parcels]


def check(document: Document, features: frozenset[Feature]) -> None:
    """Raises the InputError for a document that Comprehend would refuse, so that it never spoils a batch."""
    if document.language not in LANGUAGES:
        raise unsupported_language(document.language, nearest_code(document.language))
    check_text(document.text)
    if Feature.SENTIMENT in features and _is_long(document):
        raise TextTooLongError(
            f"Amazon Comprehend finds the sentiment of at most {MAX_BYTES:,} bytes: send the text in parts."
        )


def _by_language(documents: Mapping[int, Document]) -> Iterator[dict[int, Document]]:
    groups: defaultdict[str, dict[int, Document]] = defaultdict(dict)
    for index, document in documents.items():
        groups[document.language][index] = document
    yield from groups.values()


def _parcels(group: Mapping[int, Document]) -> Iterator[dict[int, Document]]:
    short = [(index, document) for index, document in group.items() if not _is_long(document)]
    for start in range(0, len(short), MAX_DOCUMENTS):
        yield dict(short[start : start + MAX_DOCUMENTS])
    yield from ({index: document} for index, document in group.items() if _is_long(document))


def _is_long(document: Document) -> bool:
    return len(document.text) * 4 > MAX_BYTES and len(document.text.encode()) > MAX_BYTES
