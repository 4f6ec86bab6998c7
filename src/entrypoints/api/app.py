"""The API as one ASGI application, made of what it is given: it knows the core's ports and no adapter."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

from litestar import Litestar, Request
from litestar.exceptions import HTTPException

from entrypoints.api import openapi
from entrypoints.api.decoding import ApiRequest
from entrypoints.api.documentation import REQUEST_ID
from entrypoints.api.door import Door, wanted
from entrypoints.api.edge import EdgeGuard
from entrypoints.api.problems import Problems
from entrypoints.api.routes import BATCH, Exposition, analysis_routes, feedback_routes, operation_routes
from entrypoints.api.settings import ApiSettings
from entrypoints.api.shortcut import Shortcut
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.ports import Analyzer, Clock, Metrics

Hook = Callable[[], Awaitable[None]]


def create_app(
    *,
    analyzer: Analyzer,
    feedback: FeedbackIntake,
    metrics: Metrics,
    exposition: Exposition,
    settings: ApiSettings,
    door: Door | None = None,
    clock: Clock = time.monotonic,
    version: str = "0",
    on_startup: Sequence[Hook] = (),
    on_shutdown: Sequence[Hook] = (),
) -> EdgeGuard:
    """The application. ``drain()`` on it makes it unready while it goes on serving.

    ``analyzer`` is the whole chain of policies. Its deadlines are instants of ``clock``, in seconds. ``exposition``
    gives the metrics as text for an Accept header. Without a ``door`` everybody may come in, as often as they like.
    ``version`` is the service's, for the OpenAPI document. The hooks run in order, before the first request and after
    the last.
    """

    door = door or Door(metrics=metrics, clock=clock)

    def is_draining() -> bool:
        return guard.draining

    routes = Litestar(
        [
            *analysis_routes(analyzer, metrics, settings.max_batch_documents),
            *feedback_routes(feedback),
            *operation_routes(analyzer, exposition, is_draining),
        ],
        request_class=ApiRequest,
        exception_handlers={Exception: _hand_on, HTTPException: _hand_on},
        response_headers=[REQUEST_ID],
        openapi_config=openapi.config(version),
        plugins=[openapi.RawDocuments()],
        on_startup=on_startup,
        on_shutdown=on_shutdown,
        logging_config=None,
        debug=False,
    )
    document = openapi.complete(routes.openapi_schema)
    if door.asks_for_keys:
        openapi.ask_for_keys(document, wanted)
    guard = EdgeGuard(
        Shortcut(routes),
        door=door,
        limits={"": settings.single, BATCH: settings.batch},
        routes=[route.path for route in routes.routes],
        problems=Problems(metrics),
        metrics=metrics,
        clock=clock,
    )
    return guard


def _hand_on(_: Request[Any, Any, Any], error: Exception) -> NoReturn:
    """Errors are answered in one place, the edge, which also has those that never reach a route."""
    raise error
