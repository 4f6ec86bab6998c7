"""Whatever Comprehend does wrong: the right error for the documents it concerns, and their neighbours unharmed."""

import asyncio
import socket
import time
from contextlib import aclosing

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from adapters.analyzers.comprehend.connection import MAX_REPLY_BYTES
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
from tests.standins.comprehend_faults import (
    Fault,
    closing,
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


async def test_a_batch_that_is_refused_is_asked_once_and_left_to_the_policies(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    comprehend.fail(failed("InvalidRequestException"))

    outcomes = await analyzer.analyze([FIRST, SECOND], SENTIMENT)

    assert [type(outcome) for outcome in outcomes] == [InvalidTextError] * 2
    assert len(comprehend.calls) == 1


async def test_a_reply_without_an_end_is_cut(comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer) -> None:
    comprehend.fail(raw(b'{"Sentiment": "POSITIVE", "Padding": "' + b" " * MAX_REPLY_BYTES))

    [outcome] = await analyzer.analyze([FIRST], SENTIMENT)

    assert isinstance(outcome, InvalidReplyError)
    assert f"{MAX_REPLY_BYTES:,} bytes" in str(outcome)
    assert isinstance((await analyzer.analyze([FIRST], SENTIMENT))[0], Analysis)


async def test_a_connection_that_was_closed_while_idle_is_opened_anew_for_the_next_call(
    comprehend: ComprehendStandIn, one_connection: ComprehendAnalyzer
) -> None:
    comprehend.fail(closing())
    await one_connection.analyze([FIRST], SENTIMENT)
    await asyncio.sleep(0.05)

    [outcome] = await one_connection.analyze([SECOND], SENTIMENT)

    assert isinstance(outcome, Analysis)
    assert len(comprehend.calls) == 2


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
