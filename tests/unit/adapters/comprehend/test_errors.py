"""Nothing that Comprehend, botocore or httptools can fail with is left unmapped."""

import inspect
import re

import botocore.exceptions
import botocore.session
import httptools
import pytest
from botocore.exceptions import ClientError

from adapters.analyzers.comprehend.calls import OPERATIONS
from adapters.analyzers.comprehend.errors import CODES, EXCEPTIONS, error_of_code, error_of_reply, translated
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerUnavailableError,
    CredentialsError,
    InvalidReplyError,
    TextTooLongError,
    ThrottledError,
)

CONNECTION = (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError)
BOTOCORE = [
    kind
    for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(kind, botocore.exceptions.BotoCoreError)
]


HTTPTOOLS = [kind for _, kind in inspect.getmembers(httptools, inspect.isclass) if issubclass(kind, Exception)]


def _mapped(kind: type[Exception]) -> type[AnalysisError]:
    """What an exception of this class becomes; made without its arguments, which differ from class to class."""
    with pytest.raises(AnalysisError) as raised, translated("DetectSentiment"):
        raise kind.__new__(kind)
    return type(raised.value)


@pytest.mark.parametrize("operation", [name for each in OPERATIONS.values() for name in (each.single, each.batch)])
def test_every_error_that_the_service_model_declares_has_an_entry(operation: str) -> None:
    model = botocore.session.get_session().get_service_model("comprehend").operation_model(operation)

    declared = {shape.name for shape in model.error_shapes}

    assert declared
    assert declared <= set(CODES)


@pytest.mark.parametrize(
    "kind", [kind for kind in BOTOCORE if re.search("Credential|Token|SSO|Login|ParamValidation", kind.__name__)]
)
def test_every_botocore_exception_about_credentials_is_a_credentials_error(kind: type[Exception]) -> None:
    assert _mapped(kind) is CredentialsError


@pytest.mark.parametrize("kind", [kind for kind in BOTOCORE if issubclass(kind, CONNECTION)])
def test_every_botocore_exception_about_the_connection_lets_another_analyzer_answer(kind: type[Exception]) -> None:
    assert _mapped(kind) in (AnalyzerUnavailableError, InvalidReplyError)


@pytest.mark.parametrize("kind", [*BOTOCORE, *HTTPTOOLS, OSError, TypeError, ValueError])
def test_no_exception_leaves_untranslated(kind: type[Exception]) -> None:
    assert issubclass(_mapped(kind), AnalysisError)


def test_the_table_of_exceptions_names_the_most_specific_first() -> None:
    kinds = [kind for kind, _ in EXCEPTIONS]

    hidden = [later for index, later in enumerate(kinds) if issubclass(later, tuple(kinds[:index]))]

    assert hidden == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Throttling", ThrottledError),
        ("ThrottlingException", ThrottledError),
        ("TooManyRequestsException", ThrottledError),
        ("ProvisionedThroughputExceeded", ThrottledError),
        ("429", ThrottledError),
        ("ExpiredToken", CredentialsError),
        ("MissingAuthenticationToken", CredentialsError),
        ("TEXT_SIZE_LIMIT_EXCEEDED", TextTooLongError),
        ("ServiceUnavailableException", AnalyzerUnavailableError),
        ("500", AnalyzerUnavailableError),
        ("NobodyKnowsException", AnalyzerUnavailableError),
        ("", AnalyzerUnavailableError),
    ],
)
def test_a_code_is_known_in_each_of_its_spellings(code: str, expected: type[AnalysisError]) -> None:
    assert type(error_of_code(code, "BatchDetectSentiment")) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"__type": "ThrottlingException", "Message": "Rate exceeded"}', ThrottledError),
        (400, b'{"__type": "com.amazonaws.comprehend#TextSizeLimitExceededException:http://x#y"}', TextTooLongError),
        (400, b'{"__type": 5}', InvalidReplyError),
        (400, b"[]", InvalidReplyError),
        (403, b"<html>Forbidden</html>", CredentialsError),
        (413, b"", TextTooLongError),
        (429, b"{}", ThrottledError),
        (503, b"\xff", AnalyzerUnavailableError),
        (308, b"", AnalyzerUnavailableError),
        (500, b'{"x":' + b"[" * 100_000, AnalyzerUnavailableError),
    ],
)
def test_an_error_reply_is_told_by_its_type_and_without_one_by_its_status(
    status: int, body: bytes, expected: type[AnalysisError]
) -> None:
    assert type(error_of_reply(status, body, "DetectSentiment")) is expected


def test_a_message_names_the_operation_and_the_code_and_nothing_of_the_vendors_own() -> None:
    message = "User: arn:aws:iam::123456789012:role/ours is not authorized"

    with pytest.raises(CredentialsError) as raised, translated("DetectSentiment"):
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, "DetectSentiment")

    assert "DetectSentiment: AccessDeniedException" in str(raised.value)
    assert "arn:" not in str(raised.value)
    assert isinstance(raised.value.__cause__, ClientError)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ValidationException", CredentialsError),
        ("InvalidRequestException", CredentialsError),
        ("AccessDenied", CredentialsError),
        ("Throttling", ThrottledError),
        ("InternalFailure", AnalyzerUnavailableError),
    ],
)
def test_what_the_giver_of_credentials_refuses_is_never_the_texts_fault(
    code: str, expected: type[AnalysisError]
) -> None:
    with pytest.raises(AnalysisError) as raised, translated("DetectSentiment"):
        raise ClientError({"Error": {"Code": code}}, "AssumeRole")

    assert type(raised.value) is expected


def test_an_error_of_our_own_passes_as_it_is() -> None:
    error = TextTooLongError("The text is too long.")

    with pytest.raises(TextTooLongError) as raised, translated("DetectSentiment"):
        raise error

    assert raised.value is error
