"""The short way to a handler that needs the body and the request, and nothing else of the framework."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from entrypoints.api.decoding import BareRequest, read_struct

_METHOD: Final = "POST"
_PARAMETERS = {"data", "request"}


class Shortcut:
    """Hands a POST of such a route straight to its handler; everything else goes through Litestar.

    On its own way Litestar looks for guards, hooks, dependencies, cookies and cached answers, none of which these
    routes have; it costs more than the rest of the service together. The handlers
    stay Litestar's, which documents them and would answer the same.
    """

    def __init__(self, routes: Litestar) -> None:
        self._routes = routes
        self._handlers = {route.path: handler for route in routes.routes if (handler := _handler(route))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._handlers.get(scope["path"]) if scope.get("method") == _METHOD else None
        if handler is None:
            await self._routes(scope, receive, send)
            return
        fn, kind = handler
        response = await fn(data=read_struct(scope, kind), request=BareRequest(scope))
        await response(scope, receive, send)


def _handler(route: BaseRoute) -> tuple[Callable[..., Any], type[Struct]] | None:
    """The function that answers the route's POST and the Struct that it takes, if this way is enough for it."""
    if not isinstance(route, HTTPRoute) or _METHOD not in route.route_handler_map:
        return None
    handler, _ = route.route_handler_map[_METHOD]
    data = handler.parsed_data_field
    if data is None or handler.parsed_fn_signature.parameters.keys() != _PARAMETERS:
        return None
    return handler.fn, data.annotation
