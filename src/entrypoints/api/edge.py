"""The outermost layer: what any request meets before it reaches a route, and any answer before it leaves."""

import asyncio
from collections.abc import Collection, Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from entrypoints.api.door import Door
from entrypoints.api.errors import ClientGoneError
from entrypoints.api.exchange import CLIENT_CLOSED_REQUEST, Exchange
from entrypoints.api.problems import Problems
from entrypoints.api.reading import check_body_headers, check_headers, read_body, timeout_s
from entrypoints.api.settings import Limits
from entrypoints.api.watch import Patrol, Watch
from sentiment_core.metric_names import ACTIVE_REQUESTS, REQUEST_COUNT, REQUEST_LATENCY_SECONDS
from sentiment_core.ports import Clock, Metrics

UNKNOWN_ROUTE = "other"
"""The route, in metrics, of every path that is none."""

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class EdgeGuard:
    """Bounds a request in size and time, answers every error as a problem, and counts and measures requests.

    The application behind it finds ``body``, ``deadline``, ``exchange`` and ``charge`` (of ``door``) in the scope's
    state, and lets its exceptions through. ``/health`` and ``/metrics`` are counted and measured like any other route.

    ``limits`` are the bounds by path, with those of every other path under the empty one. ``routes`` are the paths
    that may be told apart in metrics when a request is refused before it is routed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: Door,
        limits: Mapping[str, Limits],
        routes: Collection[str],
        problems: Problems,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._app = app
        self._door = door
        self._limits = limits
        self._routes = frozenset(routes)
        self._problems = problems
        self._metrics = metrics
        self._clock = clock
        self._patrol = Patrol(clock)
        self._draining = False

    @property
    def draining(self) -> bool:
        """Whether ``drain`` was called."""
        return self._draining

    def drain(self) -> None:
        """From now on ``/health/ready`` refuses, and every answer closes its connection. Requests are still served."""
        self._draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = self._clock()
        headers = dict(scope["headers"])
        exchange = Exchange(scope, headers, send, last=self._draining)
        self._metrics.add(ACTIVE_REQUESTS, 1)
        try:
            await self._serve(scope, receive, exchange, headers, started)
        except ClientGoneError:
            exchange.status = CLIENT_CLOSED_REQUEST
        except asyncio.CancelledError as error:
            # The server's grace period is over. It would say 500, or nothing.
            await self._problems.answer(error, exchange)
            raise
        except Exception as error:
            await self._problems.answer(error, exchange)
        finally:
            scope["state"] = {}  # what was in it leads back to the scope: both would stay until a garbage collection
            self._measure(scope, exchange.status, self._clock() - started)

    async def _serve(
        self, scope: HTTPScope, receive: Receive, exchange: Exchange, headers: Mapping[bytes, bytes], started: float
    ) -> None:
        check_headers(scope["headers"])
        charge = self._door.admit(scope)
        state = scope["state"] = {**scope.get("state", {}), "exchange": exchange, "charge": charge}
        if scope["method"] in _BODILESS:
            await self._app(scope, receive, exchange.send)
            return
        limits = self._limits.get(scope["path"]) or self._limits[""]
        check_body_headers(headers, limits)
        state["deadline"] = started + timeout_s(headers, limits)
        with Watch(receive, state.get("client_gone"), limits, started + limits.body_timeout_s) as watch:
            self._patrol.add(watch)
            state["body"] = await read_body(receive, limits)
            watch.body_read(state["deadline"])
            await self._app(scope, receive, exchange.send)

    def _measure(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or (scope["path"] if scope["path"] in self._routes else UNKNOWN_ROUTE)
        self._metrics.add(ACTIVE_REQUESTS, -1)
        self._metrics.add(REQUEST_COUNT, 1, route, str(status))
        self._metrics.observe(REQUEST_LATENCY_SECONDS, seconds, route)
