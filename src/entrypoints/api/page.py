"""The page at /schema: Swagger UI from our own files, under a policy that allows no inline script and no other host.

Litestar's own plugins do not work under it: they use inline scripts and styles.
"""

from html import escape
from pathlib import Path
from typing import Any

from litestar import Request, Router
from litestar.datastructures import CacheControlHeader
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.static_files import create_static_files_router

STATIC = Path(__file__).parent / "static"

_FILES = "/static"
_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="icon" type="image/svg+xml" href="{files}/favicon.svg">
    <link rel="stylesheet" href="{files}/swagger-ui.css">
    <link rel="stylesheet" href="{files}/page.css">
  </head>
  <body>
    <div id="page"></div>
    <script src="{files}/swagger-ui-bundle.js"></script>
    <script src="{files}/init.js" data-url="{document}"></script>
  </body>
</html>
"""


class SwaggerPage(OpenAPIRenderPlugin):
    """Renders the page, and serves the files that it asks for."""

    def __init__(self) -> None:
        super().__init__(path="/", favicon="", style="")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        document = self.get_openapi_json_route(request)
        files = f"{document.rpartition('/')[0]}{_FILES}"
        title = escape(openapi_schema["info"]["title"])
        return _PAGE.format(title=title, files=files, document=document).encode()

    def receive_router(self, router: Router) -> None:
        router.register(
            create_static_files_router(
                path=_FILES,
                directories=[STATIC / "swagger-ui", STATIC / "page"],
                cache_control=CacheControlHeader(max_age=3_600),
                include_in_schema=False,
            )
        )
