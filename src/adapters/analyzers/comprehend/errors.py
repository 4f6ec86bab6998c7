"""What Comprehend, or what is on the way to it, may fail with, in the core's terms. One table for each."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from botocore import exceptions as boto
from httptools import HttpParserError, HttpParserUpgrade
from msgspec import Struct, field

from sentiment_core.errors import (
    AnalysisError,
    AnalyzerUnavailableError,
    CredentialsError,
    InputError,
    InvalidReplyError,
    InvalidTextError,
    TextTooLongError,
    ThrottledError,
    UnsupportedLanguageError,
)

CODES: dict[str, type[AnalysisError]] = {
    "InvalidRequestException": InvalidTextError,
    "SerializationException": InvalidTextError,
    "TextSizeLimitExceededException": TextTooLongError,
    # More than MAX_DOCUMENTS are never sent; should the limit sink, smaller calls are the answer to both.
    "BatchSizeLimitExceededException": TextTooLongError,
    "RequestEntityTooLargeException": TextTooLongError,
    "413": TextTooLongError,
    "UnsupportedLanguageException": UnsupportedLanguageError,
    # Not modelled, yet what an unknown LanguageCode gives: the only value that we send and Comprehend enumerates.
    "ValidationException": UnsupportedLanguageError,
    "Throttling": ThrottledError,
    "ThrottledException": ThrottledError,
    "TooManyRequestsException": ThrottledError,
    "RequestThrottledException": ThrottledError,
    "RequestLimitExceeded": ThrottledError,
    "LimitExceededException": ThrottledError,
    "BandwidthLimitExceeded": ThrottledError,
    "ProvisionedThroughputExceededException": ThrottledError,
    "SlowDown": ThrottledError,
    "429": ThrottledError,
    "AccessDeniedException": CredentialsError,
    "ExpiredTokenException": CredentialsError,
    "IncompleteSignatureException": CredentialsError,
    "InvalidClientTokenId": CredentialsError,
    "InvalidSignatureException": CredentialsError,
    "MissingAuthenticationTokenException": CredentialsError,
    "NotAuthorized": CredentialsError,
    "OptInRequired": CredentialsError,
    "RequestExpired": CredentialsError,
    "SignatureDoesNotMatch": CredentialsError,
    "SubscriptionRequiredException": CredentialsError,
    "UnrecognizedClientException": CredentialsError,
    "401": CredentialsError,
    "403": CredentialsError,
    "InternalServerException": AnalyzerUnavailableError,
    "InternalFailure": AnalyzerUnavailableError,
    "ResourceUnavailableException": AnalyzerUnavailableError,
    "ServiceUnavailable": AnalyzerUnavailableError,
    "RequestTimeoutException": AnalyzerUnavailableError,
}
"""By error code. A code without an entry is an AnalyzerUnavailableError, so that another analyzer is asked.

Spelling varies with the part of AWS that refuses, hence :func:`_key`. A number is the HTTP status of an error that
named no code, such as a proxy's page.
"""

EXCEPTIONS: tuple[tuple[type[Exception], type[AnalysisError]], ...] = (
    (boto.ParamValidationError, CredentialsError),  # boto3 calls only whoever gives the credentials
    (boto.NoCredentialsError, CredentialsError),
    (boto.PartialCredentialsError, CredentialsError),
    (boto.CredentialRetrievalError, CredentialsError),
    (boto.UnknownCredentialError, CredentialsError),
    (boto.NoAuthTokenError, CredentialsError),
    (boto.TokenRetrievalError, CredentialsError),
    (boto.UnknownTokenProviderError, CredentialsError),
    (boto.RefreshWithMFAUnsupportedError, CredentialsError),
    (boto.SSOError, CredentialsError),
    (boto.LoginError, CredentialsError),
    (boto.BotoCoreError, AnalyzerUnavailableError),  # whoever gives the credentials cannot be reached
    (asyncio.IncompleteReadError, InvalidReplyError),  # cut in its body
    (HttpParserError, InvalidReplyError),  # no HTTP
    (HttpParserUpgrade, InvalidReplyError),  # not for long
    (Exception, AnalyzerUnavailableError),  # refused, reset, names, TLS, time that ran out
)
"""By class of exception, the most specific first."""

_SENTENCES: dict[type[AnalysisError], str] = {
    InvalidTextError: "Amazon Comprehend refuses this text; change it",
    TextTooLongError: "The text has more bytes than Amazon Comprehend takes; send it in parts",
    UnsupportedLanguageError: "Amazon Comprehend refuses this language; send a text in another one",
    ThrottledError: "Amazon Comprehend is over its quota; try again later, or have the quota raised",
    CredentialsError: "Amazon Comprehend refuses the credentials; renew them, and allow them the operation",
    InvalidReplyError: "Amazon Comprehend's reply is broken; try again",
    AnalyzerUnavailableError: "Amazon Comprehend cannot be reached or has failed; try again later",
}


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Raises, for anything raised within, the AnalysisError that it amounts to.

    Vendors' messages name accounts and roles, and ours go to callers; theirs stay with the cause.
    """
    try:
        yield
    except AnalysisError:
        raise
    except boto.ClientError as error:
        raise _refused_credentials(error, operation) from error
    except Exception as error:
        raise _error_of(error, operation) from error


def error_of_reply(status: int, body: bytes, operation: str) -> AnalysisError:
    """The error for a reply with an HTTP status that is no success."""
    try:
        code = msgspec.json.decode(body, type=_ErrorReply).code
    except msgspec.ValidationError:
        return _told(InvalidReplyError, operation, f"HTTP {status}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # a page, or nothing
        code = ""
    # A service may send its name and a link along: ``com.amazonaws.comprehend#ThrottlingException:http://...``.
    return error_of_code(code.partition(":")[0].rpartition("#")[2] or str(status), operation)


class _ErrorReply(Struct):
    code: str = field(name="__type", default="")


def error_of_code(code: str, operation: str) -> AnalysisError:
    """The error for a code of Comprehend's, in a reply to ``operation``."""
    return _told(_BY_KEY.get(_key(code), AnalyzerUnavailableError), operation, code)


def _refused_credentials(error: boto.ClientError, operation: str) -> AnalysisError:
    """boto3 calls only whoever gives the credentials: what is invalid there is not the text."""
    code = error.response.get("Error", {}).get("Code", "")
    told = error_of_code(code, operation)
    return _told(CredentialsError, operation, code) if isinstance(told, InputError) else told


def _error_of(error: Exception, operation: str) -> AnalysisError:
    kind = next(ours for theirs, ours in EXCEPTIONS if isinstance(error, theirs))
    return _told(kind, operation, type(error).__name__)


def _told(kind: type[AnalysisError], operation: str, reason: str) -> AnalysisError:
    return kind(f"{_SENTENCES[kind]} ({operation}: {reason[:50]}).")


def _key(code: str) -> str:
    """TEXT_SIZE_LIMIT_EXCEEDED is TextSizeLimitExceededException, and ExpiredToken is ExpiredTokenException."""
    return code.replace("_", "").lower().removesuffix("exception")


_BY_KEY = {_key(code): kind for code, kind in CODES.items()}
