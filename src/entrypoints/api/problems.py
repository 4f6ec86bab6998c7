"""Errors as callers and operators see them: a problem document, a count, and for our own faults a line in the log."""

import logging
import random
import traceback
from collections.abc import Callable

from entrypoints.api.errors import ERRORS, ErrorKind, Headers, explain, extra_headers
from entrypoints.api.exchange import Exchange
from entrypoints.api.responses import encode
from entrypoints.api.schemas import Problem
from sentiment_core.metric_names import ERROR_COUNT
from sentiment_core.ports import Metrics

MEDIA_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)


def retry_after_s() -> int:
    """Seconds, spread so that callers who were refused together do not come back together."""
    return random.randint(1, 3)  # noqa: S311 - it spreads load and guards nothing


def problem(code: str, detail: str, request_id: str) -> Problem:
    """The document of an error whose code is in ERRORS."""
    kind = ERRORS[code]
    return Problem(f"urn:sentiment:error:{code}", kind.title, kind.status, detail, code, request_id)


class Problems:
    """Answers exceptions."""

    def __init__(self, metrics: Metrics, retry_after_s: Callable[[], int] = retry_after_s) -> None:
        self._metrics = metrics
        self._retry_after_s = retry_after_s

    async def answer(self, error: BaseException, exchange: Exchange) -> None:
        """Sends the problem. Raises ``error`` when another answer has begun: only closing the connection is left."""
        code, detail = explain(error)
        self._metrics.add(ERROR_COUNT, 1, code)
        if code == "internal_error":
            _log(error, exchange.request_id)
        if exchange.status:
            raise error
        kind = ERRORS[code]
        body = encode(problem(code, detail, exchange.request_id))
        headers = (*extra_headers(error), *self._retry_after(kind))
        await exchange.answer(kind.status, MEDIA_TYPE.encode(), body, headers)

    def _retry_after(self, kind: ErrorKind) -> Headers:
        return ((b"retry-after", str(self._retry_after_s()).encode()),) if kind.retry else ()


def _log(error: BaseException, request_id: str) -> None:
    # Neither the message nor the chain of causes: either may quote the text that was being analyzed.
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("request %s failed with %s\n%s", request_id, type(error).__name__, frames)
