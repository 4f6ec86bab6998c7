"""The routes of the API. What they need is resolved once, when the application is made, and closed over."""

from collections.abc import Callable

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Redirect

from entrypoints.api import batch
from entrypoints.api.decoding import ApiRequest
from entrypoints.api.documentation import (
    ANALYSIS_ERRORS,
    BODY_ERRORS,
    FEEDBACK_ERRORS,
    KEY_ERRORS,
    METRICS_TEXT,
    ApiOperation,
    BodyOperation,
    problems,
)
from entrypoints.api.errors import refuse
from entrypoints.api.exchange import PAGES
from entrypoints.api.responses import Json
from entrypoints.api.schemas import (
    AnalyzeRequest,
    BatchRequest,
    BatchResponse,
    FeedbackRequest,
    FeedbackResponse,
    Status,
)
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.models import Analysis, Document, Options, answer_or_raise
from sentiment_core.ports import Analyzer, Metrics

Exposition = Callable[[str], tuple[bytes, str]]
"""The metrics as text: takes an Accept header, gives the body and its content type."""

BATCH = "/analyze/batch"


def analysis_routes(analyzer: Analyzer, metrics: Metrics, max_documents: int) -> list[HTTPRouteHandler]:
    """What the service is for."""
    reader = batch.BatchReader(max_documents)

    @post(
        "/analyze",
        summary="Analyze one text",
        status_code=200,
        tags=["analysis"],
        response_description="The answer.",
        responses=problems((*KEY_ERRORS, *BODY_ERRORS, *ANALYSIS_ERRORS)),
        operation_class=BodyOperation,
    )
    async def analyze(data: JSONBody[AnalyzeRequest], request: ApiRequest) -> Json[Analysis]:
        """The sentiment, entities and key phrases of one text."""
        options = Options(data.features, request.deadline)
        return Json(answer_or_raise(*await analyzer.analyze([Document(data.text, data.language)], options)))

    @post(
        BATCH,
        summary="Analyze many texts",
        status_code=200,
        tags=["analysis"],
        response_description="A result for each document, in order.",
        responses=problems((*KEY_ERRORS, *BODY_ERRORS, "too_many_documents")),
        operation_class=BodyOperation,
    )
    async def analyze_batch(data: JSONBody[BatchRequest], request: ApiRequest) -> Json[BatchResponse]:
        """The same for up to 1,000 texts. A document that fails, or is malformed, is an error in its own place."""
        items = reader.read(data.documents)
        request.charge(len(items) - 1)
        outcomes = await batch.answer(analyzer, items, Options(data.features, request.deadline))
        return Json(batch.render(items, outcomes, metrics))

    return [analyze, analyze_batch]


def feedback_routes(intake: FeedbackIntake) -> list[HTTPRouteHandler]:
    """What those who got an answer say of it."""

    @post(
        "/feedback",
        summary="Judge an answer",
        status_code=201,
        tags=["analysis"],
        response_description="The verdict is kept.",
        responses=problems((*KEY_ERRORS, *BODY_ERRORS, *FEEDBACK_ERRORS)),
        operation_class=BodyOperation,
    )
    async def judge(data: JSONBody[FeedbackRequest]) -> Json[FeedbackResponse]:
        """Says what sentiment would have been right. A second verdict on an answer replaces the first."""
        feedback = await intake.take(data.id, data.sentiment, data.text)
        return Json(FeedbackResponse(feedback.id, feedback.prediction.sentiment, feedback.right), 201)

    return [judge]


def operation_routes(
    analyzer: Analyzer, exposition: Exposition, is_draining: Callable[[], bool]
) -> list[HTTPRouteHandler]:
    """What operators and their tools ask."""

    @get(
        "/health",
        summary="Is the process alive?",
        tags=["operation"],
        response_description="It is.",
        responses=problems(()),
        operation_class=ApiOperation,
    )
    async def health() -> Json[Status]:
        """Answers as long as the event loop turns. It asks nothing of anything else."""
        return Json(Status("healthy"))

    @get(
        "/health/ready",
        summary="Can the analyzer answer?",
        tags=["operation"],
        response_description="It can.",
        responses=problems(["analyzer_unavailable"]),
        operation_class=ApiOperation,
    )
    async def ready() -> Json[Status]:
        """200 only when a text would be answered now; otherwise 503, with the reason, also while shutting down."""
        if is_draining():
            raise refuse("shutting_down")
        await analyzer.ready()
        return Json(Status("ready"))

    @get(
        "/metrics",
        summary="Metrics for Prometheus",
        tags=["operation"],
        media_type="text/plain",
        responses={200: METRICS_TEXT, **problems(KEY_ERRORS)},
        operation_class=ApiOperation,
    )
    async def metrics(request: ApiRequest) -> Response[bytes]:
        """The metrics of this process. docs/metrics.md lists them."""
        body, content_type = exposition(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    @get(
        "/",
        summary="The documentation",
        status_code=302,
        tags=["operation"],
        operation_class=ApiOperation,
        responses=problems(()),
    )
    async def index() -> Redirect:
        """Leads to the page that you are reading."""
        return Redirect(PAGES)

    return [health, ready, metrics, index]
