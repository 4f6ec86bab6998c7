"""The page at /schema: Swagger UI from our own files, under a policy that allows no inline script and no other host.

Litestar's own plugins do not work under it: they use inline scripts and styles.
"""

from html import escape
from pathlib import Path
from typing import Any

from litestar import Request, Router, route
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import FromPath
from litestar.response import File

STATIC = Path(__file__).parent / "static"

_FILES = "/static"
_KNOWN = {file.name: file for folder in ("swagger-ui", "page") for file in (STATIC / folder).iterdir()}
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
        router.register(_file)


@route(
    f"{_FILES}/{{file_path:path}}",
    http_method=["GET", "HEAD"],
    cache_control=CacheControlHeader(max_age=3_600),
    include_in_schema=False,
    sync_to_thread=False,
)
def _file(file_path: FromPath[Path]) -> File:
    """Known files only: a path that nobody looks for on the disk can neither lead out of a folder nor be too long."""
    file = _KNOWN.get(str(file_path).lstrip("/"))
    if file is None:
        raise NotFoundException
    return File(file, content_disposition_type="inline")
