"""This service's own route on Litestar, without what stands round it: no edge guard, no policies, no metrics."""

import math
from typing import Any

from litestar import Litestar

from bench.stacks.instant import InstantAnalyzer
from bench.stacks.serving import serve
from entrypoints.api.decoding import ApiRequest
from entrypoints.api.exchange import Exchange
from entrypoints.api.routes import analysis_routes
from sentiment_core.testing import RecordingMetrics

routes = Litestar(
    analysis_routes(InstantAnalyzer(), RecordingMetrics(), max_documents=1_000),
    request_class=ApiRequest,
    openapi_config=None,
    logging_config=None,
)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Gives the route what it counts on the edge for: the body, read, a deadline, and the answer's way out."""
    if scope["type"] == "http":
        exchange = Exchange(scope, {}, send, last=False)
        scope["state"] = {"body": (await receive())["body"], "deadline": math.inf, "exchange": exchange}
    await routes(scope, receive, send)
    scope["state"] = {}  # it leads back to the scope, as in the edge


if __name__ == "__main__":
    serve(app)
