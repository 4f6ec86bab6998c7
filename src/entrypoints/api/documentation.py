"""What the OpenAPI document says of an operation beside what Litestar reads from its handler."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIType, Operation, Parameter, Schema

from entrypoints.api.errors import ERRORS
from entrypoints.api.problems import MEDIA_TYPE, problem
from entrypoints.api.schemas import Problem

REQUEST_ERRORS = ("headers_too_large", "internal_error", "shutting_down")
BODY_ERRORS = (
    *("empty_body", "invalid_json", "invalid_encoding", "invalid_request", "invalid_timeout", "invalid_framing"),
    *("body_timeout", "body_too_large", "unsupported_media_type", "unsupported_encoding", "deadline_exceeded"),
)
KEY_ERRORS = ("unauthenticated", "forbidden", "rate_limited")
ANALYSIS_ERRORS = (
    *("invalid_text", "unsupported_language", "text_too_long", "invalid_reply", "analyzer_error"),
    *("analyzer_unavailable", "all_failed", "breaker_open", "overloaded", "throttled", "over_quota", "budget_spent"),
    "credentials",
)
FEEDBACK_ERRORS = ("invalid_answer_id", "expired_answer_id", "invalid_text", "text_too_long", "feedback_unavailable")

REQUEST_ID = ResponseHeader(
    name="X-Request-Id",
    description="The request's id: the caller's own when it sent a well-formed one, otherwise a new one.",
    documentation_only=True,
)

_REQUEST_ID = Parameter(
    name="X-Request-Id",
    param_in="header",
    description=(
        "A name for the request, to be found again in the answer and in logs: 1 to 64 of `A-Z a-z 0-9 . _ -`. "
        "Anything else is replaced."
    ),
    schema=Schema(type=OpenAPIType.STRING),
    examples={"id": Example(summary="A name of the caller's own", value="checkout-20261124-17")},
)
_TIMEOUT = Parameter(
    name="X-Request-Timeout-Ms",
    param_in="header",
    description=(
        "Milliseconds after which the caller no longer waits, and the service stops working on the request. Whole "
        "numbers from 1; more than the service's maximum counts as that. Without it 5 s, and 60 s for a batch."
    ),
    schema=Schema(type=OpenAPIType.INTEGER, minimum=1),
    examples={"two-seconds": Example(summary="Two seconds", value=2_000)},
)

METRICS_TEXT = ResponseSpec(
    data_container=str,
    generate_examples=False,
    description="Prometheus's text format, or OpenMetrics when Accept asks for it.",
    media_type="text/plain",
    examples=[
        Example(
            id="counter",
            summary="A counter",
            value=(
                "# HELP request_count_total HTTP requests answered, by route and status.\n"
                "# TYPE request_count_total counter\n"
                'request_count_total{route="/analyze",status="200"} 17.0\n'
            ),
        )
    ],
)


@dataclass
class ApiOperation(Operation):
    """Any operation: it takes a request id."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or ()), _REQUEST_ID]


@dataclass
class BodyOperation(ApiOperation):
    """An operation with a body: it takes a deadline too."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.parameters = [*(self.parameters or ()), _TIMEOUT]


def problems(codes: Iterable[str]) -> Mapping[int, ResponseSpec]:
    """The error answers of an operation: one for each status, with an example for each code."""
    by_status = sorted({*codes, *REQUEST_ERRORS}, key=lambda code: (ERRORS[code].status, code))
    return {status: _answer(list(same)) for status, same in groupby(by_status, lambda code: ERRORS[code].status)}


def _answer(codes: list[str]) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem,
        generate_examples=False,
        description=" ".join(f"`{code}`: {ERRORS[code].title}." for code in codes),
        media_type=MEDIA_TYPE,
        examples=[_example(code) for code in codes],
    )


def _example(code: str) -> Example:
    kind = ERRORS[code]
    return Example(id=code, summary=kind.title, value=problem(code, kind.advice, "c0ffee0123456789"))
