"""A batch taken apart and put together: what is wrong with one document is that document's result alone."""

from collections.abc import Sequence

from msgspec import Raw, Struct, defstruct
from msgspec.structs import astuple

from entrypoints.api.decoding import decode
from entrypoints.api.errors import RefusedError, explain
from entrypoints.api.schemas import BatchDocument, BatchResponse, BatchResult, DocumentId, ItemError
from sentiment_core.metric_names import ERROR_COUNT
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.ports import Analyzer, Metrics


class BatchItem(Struct, frozen=True):
    """One place of a batch: its id, and its document or why it has none."""

    id: str
    document: Document | RefusedError


class _Identity(Struct, frozen=True):
    id: DocumentId | None = None


class BatchReader:
    """Takes at most ``max_documents`` documents out of an array of JSON values.

    The array is decoded as a Struct of that many optional places, not as a list: a list is built whole before its
    length is checked, and ten megabytes of ``1,1,1,...`` become 400 MB of it.
    """

    def __init__(self, max_documents: int) -> None:
        places = [(f"document_{index}", Raw, Raw()) for index in range(max_documents)]
        self._places = defstruct("Places", places, array_like=True, forbid_unknown_fields=True)
        self._max_documents = max_documents

    def read(self, documents: Raw) -> list[BatchItem]:
        """The items, in order. Raises RefusedError for no documents, or too many."""
        if memoryview(documents)[:1].tobytes() != b"[":
            raise RefusedError("invalid_request", "Expected an array of documents - at `$.documents`.")
        try:
            places = astuple(decode(documents, self._places))
        except RefusedError as refused:
            if refused.code != "invalid_request":
                raise
            advice = f"Send at most {self._max_documents:,} documents in one batch."
            raise RefusedError("too_many_documents", advice) from None
        items = [_read(raw, index) for index, raw in enumerate(places) if raw]
        if not items:
            raise RefusedError("invalid_request", "Send at least one document - at `$.documents`.")
        return items


async def answer(analyzer: Analyzer, items: Sequence[BatchItem], options: Options) -> list[Outcome | RefusedError]:
    """What becomes of each item, in order."""
    documents = [item.document for item in items if isinstance(item.document, Document)]
    outcomes = iter(await analyzer.analyze(documents, options))
    return [next(outcomes) if isinstance(item.document, Document) else item.document for item in items]


def render(items: Sequence[BatchItem], outcomes: Sequence[Outcome | RefusedError], metrics: Metrics) -> BatchResponse:
    """The answer to a batch; its errors are counted."""
    return BatchResponse([_result(item.id, outcome, metrics) for item, outcome in zip(items, outcomes, strict=True)])


def _read(raw: Raw, index: int) -> BatchItem:
    try:
        document = decode(raw, BatchDocument)
    except RefusedError as refusal:
        return BatchItem(_identify(raw) or str(index), refusal)
    return BatchItem(document.id or str(index), Document(document.text, document.language))


def _identify(raw: Raw) -> str | None:
    try:
        return decode(raw, _Identity).id
    except RefusedError:
        return None


def _result(id_: str, outcome: Outcome | RefusedError, metrics: Metrics) -> BatchResult:
    if isinstance(outcome, Analysis):
        return BatchResult(id_, analysis=outcome)
    code, message = explain(outcome)
    metrics.add(ERROR_COUNT, 1, code)
    return BatchResult(id_, error=ItemError(code, message))
