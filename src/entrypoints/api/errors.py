"""Which error gets which answer: one table by code, for the core's errors and for the API's own refusals."""

import asyncio
from collections.abc import Mapping

from litestar.exceptions import HTTPException
from msgspec import Struct

from sentiment_core.errors import AnalysisError, FeedbackError

Headers = tuple[tuple[bytes, bytes], ...]


class ErrorKind(Struct, frozen=True):
    """The HTTP side of an error's code. ``advice`` is what a caller may read; ``retry`` adds a Retry-After."""

    status: int
    title: str
    advice: str
    retry: bool = False


_ANOTHER = "Send the request again, to another replica or later."

ERRORS: Mapping[str, ErrorKind] = {
    # the API's own
    "invalid_encoding": ErrorKind(400, "The body is not UTF-8", "Encode the body as UTF-8."),
    "invalid_json": ErrorKind(400, "The body is not JSON", "Send one complete JSON value."),
    "invalid_request": ErrorKind(400, "The request has the wrong shape", "Expected `str`, got `int` - at `$.text`."),
    "empty_body": ErrorKind(400, "The body is empty", 'Send a JSON object, such as {"text": "A great service"}.'),
    "invalid_timeout": ErrorKind(
        400, "X-Request-Timeout-Ms is not a positive integer", "Send a whole number of milliseconds, from 1."
    ),
    "invalid_http": ErrorKind(400, "This is not an HTTP request", "Send a request of HTTP/1.1."),
    "invalid_framing": ErrorKind(
        400, "The length of the body is ambiguous", "Send either one Content-Length or a chunked body."
    ),
    "unauthenticated": ErrorKind(
        401, "There is no valid API key", "Send Authorization: Bearer ta_..., with a key that is in force."
    ),
    "forbidden": ErrorKind(403, "The API key is not good for this", "Use a key with the scope 'metrics'."),
    "not_found": ErrorKind(404, "There is nothing here", "/schema lists what there is."),
    "method_not_allowed": ErrorKind(405, "The method is not allowed here", "/schema lists what this path takes."),
    "body_timeout": ErrorKind(408, "The body came too slowly", "Send the whole body within 3 seconds."),
    "body_too_large": ErrorKind(413, "The body is too large", "Send at most 1,000,000 bytes here."),
    "too_many_documents": ErrorKind(
        413, "The batch has too many documents", "Send at most 1,000 documents in one batch."
    ),
    "unsupported_media_type": ErrorKind(
        415, "The body is not application/json", "Send Content-Type: application/json, in UTF-8."
    ),
    "unsupported_encoding": ErrorKind(
        415, "The body is compressed", "Send the body as it is, without Content-Encoding."
    ),
    "rate_limited": ErrorKind(429, "The caller asks too often", "Wait 3 seconds before the next request."),
    "headers_too_large": ErrorKind(431, "The headers are too large", "Send at most 100 headers, of 32,768 bytes."),
    "internal_error": ErrorKind(
        500, "The service failed", "This is not the request's fault; report it with the request id."
    ),
    "shutting_down": ErrorKind(503, "The service is shutting down", _ANOTHER, retry=True),
    # the core's
    "invalid_input": ErrorKind(400, "The document cannot be analyzed", "Send another document."),
    "invalid_text": ErrorKind(
        400, "The text cannot be analyzed", "The text is empty: send at least one character that is not white space."
    ),
    "unsupported_language": ErrorKind(
        400, "The language is not supported", "The nearest language that is supported: 'pt' (Portuguese)."
    ),
    "text_too_long": ErrorKind(
        413, "The text is too long", "The text has 123,456 bytes in UTF-8 and 100,000 are taken: send it in parts."
    ),
    "invalid_answer_id": ErrorKind(
        400,
        "No answer that can be judged has this id",
        "This is not an id that this service gave: send it as it was answered, whole and unchanged.",
    ),
    "expired_answer_id": ErrorKind(
        400, "The answer is too old to be judged", "That answer was given more than 90 days ago: judge a newer one."
    ),
    "feedback_failed": ErrorKind(500, "The verdict was not taken", _ANOTHER),
    "feedback_unavailable": ErrorKind(503, "The verdict cannot be kept", _ANOTHER, retry=True),
    "analysis_failed": ErrorKind(500, "The analysis failed", _ANOTHER),
    "analyzer_error": ErrorKind(502, "The analyzer failed", _ANOTHER),
    "invalid_reply": ErrorKind(502, "The analyzer's reply was not valid", _ANOTHER),
    "credentials": ErrorKind(
        503, "The analyzer refused the service's credentials", "The service's operator has to renew them."
    ),
    "analyzer_unavailable": ErrorKind(503, "The analyzer cannot be reached", _ANOTHER, retry=True),
    "all_failed": ErrorKind(503, "No analyzer could answer", _ANOTHER, retry=True),
    "overloaded": ErrorKind(503, "The service is full", _ANOTHER, retry=True),
    "throttled": ErrorKind(503, "The analyzer is over its quota", _ANOTHER, retry=True),
    "over_quota": ErrorKind(503, "The analyzer's quota is used up", _ANOTHER, retry=True),
    "breaker_open": ErrorKind(503, "The analyzer has failed and is left alone for a while", _ANOTHER, retry=True),
    "budget_spent": ErrorKind(
        503, "The day's budget is spent", "Send the request again after midnight UTC, or have the budget raised."
    ),
    "deadline_exceeded": ErrorKind(504, "There was no answer in time", "Allow the request more time."),
}

_LITESTAR_CODES = {404: "not_found", 405: "method_not_allowed"}


class RefusedError(Exception):
    """A request, or a document of a batch, that no analyzer gets to see. ``code`` is one of ERRORS."""

    def __init__(self, code: str, detail: str, headers: Headers = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.headers = headers


class ClientGoneError(Exception):
    """The caller closed the connection; nobody reads an answer."""


def refuse(code: str, *headers: tuple[bytes, bytes]) -> RefusedError:
    """The refusal that says what the table says."""
    return RefusedError(code, ERRORS[code].advice, headers)


def explain(error: BaseException) -> tuple[str, str]:
    """The code and the sentence of any exception. Only errors made for callers are quoted."""
    if isinstance(error, RefusedError | AnalysisError | FeedbackError) and error.code in ERRORS:
        return error.code, str(error)
    if isinstance(error, asyncio.CancelledError):
        return "shutting_down", ERRORS["shutting_down"].advice
    if isinstance(error, HTTPException) and error.status_code < 500:
        code = _LITESTAR_CODES.get(error.status_code, "invalid_request")
        return code, ERRORS[code].advice if error.status_code in _LITESTAR_CODES else error.detail
    return "internal_error", ERRORS["internal_error"].advice


def extra_headers(error: BaseException) -> Headers:
    """Headers that an error brings along: Connection, Allow."""
    if isinstance(error, RefusedError):
        return error.headers
    if isinstance(error, HTTPException) and error.headers:
        return tuple((name.encode(), value.encode()) for name, value in error.headers.items())
    return ()
