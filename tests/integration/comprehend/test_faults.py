"""Whatever Comprehend does wrong: the right error for the documents it concerns, and their neighbours unharmed."""

import socket
import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerUnavailableError,
    CredentialsError,
    InvalidReplyError,
    InvalidTextError,
    ThrottledError,
    UnsupportedLanguageError,
)
from sentiment_core.models import Analysis, Document, Feature, Options
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_answers import RefusedError, keyword_answer
from tests.standins.comprehend_faults import (
    Fault,
    failed,
    html,
    raw,
    redirected,
    reset,
    slow,
    throttled,
    truncated,
)

SENTIMENT = Options(frozenset({Feature.SENTIMENT}))
GERMAN, FIRST, SECOND = Document("Gut", "de"), Document("Great"), Document("Awful")
"""One goes alone and two share a batch."""


FAULTS: dict[str, tuple[Fault, type[AnalysisError]]] = {
    "throttled": (throttled(), ThrottledError),
    "server error": (failed("InternalServerException", 500), AnalyzerUnavailableError),
    "denied": (failed("AccessDeniedException"), CredentialsError),
    "expired": (failed("ExpiredTokenException"), CredentialsError),
    "language": (failed("ValidationException"), UnsupportedLanguageError),
    "unknown code": (failed("NobodyKnowsException"), AnalyzerUnavailableError),
    "error page": (html(502), AnalyzerUnavailableError),
    "error without a body": (raw(b"", 503), AnalyzerUnavailableError),
    "error that is null": (raw(b"null", 400), InvalidReplyError),
    "reset": (reset(), AnalyzerUnavailableError),
    "truncated": (truncated(), InvalidReplyError),
    "page": (html(), InvalidReplyError),
    "empty object": (raw(b"{}"), InvalidReplyError),
    "null": (raw(b"null"), InvalidReplyError),
    "list": (raw(b"[]"), InvalidReplyError),
    "empty": (raw(b""), InvalidReplyError),
    "not Unicode": (raw(b"\xff\xfe"), InvalidReplyError),
    "too deep": (raw(b'{"Sentiment":' + b"[" * 100_000), InvalidReplyError),
}


@pytest.mark.parametrize(("fault", "error"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("operation", ["DetectSentiment", "BatchDetectSentiment"])
async def test_a_call_that_fails_is_its_documents_failure_and_no_other_ones(
    comprehend: ComprehendStandIn,
    analyzer: ComprehendAnalyzer,
    fault: Fault,
    error: type[AnalysisError],
    operation: str,
) -> None:
    comprehend.fail(fault, operation=operation)

    alone, first, second = await analyzer.analyze([GERMAN, FIRST, SECOND], SENTIMENT)

    batched = operation.startswith("Batch")
    assert [type(alone), type(first), type(second)] == (
        [Analysis, error, error] if batched else [error, Analysis, Analysis]
    )


def _refusing(operation: str, text: str, language: str) -> Mapping[str, Any]:
    if text == "poison":
        raise RefusedError("InvalidRequestException", whole_batch=True)
    return keyword_answer(operation, text, language)


async def test_a_batch_refused_for_one_document_is_asked_again_one_by_one(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.answer = _refusing

    outcomes = await analyzer.analyze([FIRST, Document("poison"), SECOND], SENTIMENT)

    assert [type(outcome) for outcome in outcomes] == [Analysis, InvalidTextError, Analysis]
    assert [len(call.texts) for call in comprehend.calls] == [3, 1, 1, 1]


async def test_a_redirect_is_not_followed_with_the_text(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    with ComprehendStandIn() as elsewhere:
        comprehend.fail(redirected(elsewhere.endpoint_url))

        [outcome] = await analyzer.analyze([FIRST], SENTIMENT)

        assert isinstance(outcome, AnalyzerUnavailableError)
        assert elsewhere.calls == []


async def test_a_call_that_hangs_ends_by_itself_without_a_deadline(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.fail(slow(30))
    start = time.monotonic()

    [outcome] = await analyzer.analyze([FIRST], SENTIMENT)

    assert isinstance(outcome, AnalyzerUnavailableError)
    assert time.monotonic() - start < 20


async def test_nobody_listening_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refuses, and nobody else can have it
        use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=f"http://127.0.0.1:{taken.getsockname()[1]}")
        async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=RecordingMetrics())) as analyzer:
            [outcome] = await analyzer.analyze([FIRST], SENTIMENT)

    assert isinstance(outcome, AnalyzerUnavailableError)
