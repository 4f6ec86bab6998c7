"""The OpenAPI document: made by Litestar from handlers and Structs, completed with what those do not say."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Example, License, OpenAPI, OpenAPIType, Reference, Schema, SecurityScheme, Tag
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Raw, Struct

from entrypoints.api import schemas
from entrypoints.api.fields import DESCRIPTIONS, example_of, examples_of
from entrypoints.api.page import SwaggerPage
from sentiment_core import models
from sentiment_core.keys import Scope
from sentiment_core.models import Feature

_SCHEME = "ApiKey"

DESCRIPTION = """\
Sentiment, entities and key phrases of texts in twelve languages, from Amazon Comprehend or from a model that the
service brings along.

Bodies are strict JSON in UTF-8: an unknown field is an error; of a key that is given twice, the last value counts.
Every error is `application/problem+json` (RFC 9457) with a stable `code` and the request's id. A path that is not
listed here answers 404 `not_found`, a method that a path does not take 405 `method_not_allowed`, and what is no HTTP
400 `invalid_http`.
"""


def config(version: str) -> OpenAPIConfig:
    """Litestar's configuration of the document and of its page."""
    return OpenAPIConfig(
        title="Sentiment service",
        version=version,
        description=DESCRIPTION,
        license=License("Apache-2.0", identifier="Apache-2.0"),
        tags=[Tag("analysis", "What the service is for"), Tag("operation", "What operators and their tools ask")],
        use_handler_docstrings=True,
        render_plugins=[SwaggerPage()],
    )


class RawDocuments(OpenAPISchemaPlugin):
    """Shows the undecoded documents of a batch as what they are to be."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Raw

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return Schema(
            type=OpenAPIType.ARRAY,
            items=schema_creator.for_field_definition(FieldDefinition.from_annotation(schemas.BatchDocument)),
            min_items=1,
            description="The texts, in any order; the results are in the same.",
            examples=[examples_of(schemas.BatchDocument)],
        )


def complete(document: OpenAPI) -> OpenAPI:
    """Adds what Litestar leaves out: Structs' docstrings and examples, and the fields of the core's Structs."""
    for name, schema in document.components.schemas.items():
        kind = getattr(schemas, name, None) or getattr(models, name)
        schema.description = schema.description or inspect.getdoc(kind)
        schema.examples = examples_of(kind)
        if issubclass(kind, Struct) and kind.__struct_config__.forbid_unknown_fields:
            schema.additional_properties = False
        for field, part in (schema.properties or {}).items():
            _complete_field(kind, field, part)
    for example in _examples(document):
        example.id = None  # Litestar's key for it, which is no field of an OpenAPI example
    return document


def ask_for_keys(document: OpenAPI, wanted: Callable[[str], Scope | None]) -> None:
    """Says which operations want an API key: those of the paths for which ``wanted`` names a scope."""
    document.components.security_schemes = {
        _SCHEME: SecurityScheme(
            type="http", scheme="bearer", bearer_format="ta_<id>_<secret>", description="`sentiment keys create NAME`"
        )
    }
    for path, item in (document.paths or {}).items():
        if wanted(path):
            for operation in filter(None, (item.get, item.post)):
                operation.security = [{_SCHEME: []}]


def _examples(document: OpenAPI) -> Iterator[Example]:
    for path in (document.paths or {}).values():
        for operation in filter(None, (path.get, path.post)):
            for response in (operation.responses or {}).values():
                for content in (getattr(response, "content", None) or {}).values():
                    yield from (content.examples or {}).values()


def _complete_field(kind: type, field: str, part: Schema | Reference) -> None:
    part.description = part.description or DESCRIPTIONS[kind][field]
    if isinstance(part, Schema):
        part.examples = part.examples or [example_of(kind, field)]
        if isinstance(part.default, frozenset):
            # A set has no order of its own, and the document is to be the same after every start.
            part.default = [feature.value for feature in Feature if feature in part.default]
