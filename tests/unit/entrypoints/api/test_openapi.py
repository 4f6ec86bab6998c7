import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from entrypoints.api import fields, schemas
from entrypoints.api.documentation import ANALYSIS_ERRORS, BODY_ERRORS, FEEDBACK_ERRORS, KEY_ERRORS, REQUEST_ERRORS
from entrypoints.api.errors import ERRORS
from entrypoints.api.page import STATIC
from sentiment_core import models
from tests.unit.entrypoints.api.support import Service, guarded

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def load() -> dict[str, Any]:
    document: dict[str, Any] = (await Service().request("GET", "/schema/openapi.json")).json()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    component: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return component


def has_example(document: dict[str, Any], content: dict[str, Any]) -> bool:
    schema = content["schema"]
    return bool(content.get("examples") or schema.get("examples") or resolve(document, schema).get("examples"))


async def test_every_route_is_in_the_document() -> None:
    assert [name for name, _ in operations(await load())] == [
        "POST /analyze",
        "POST /analyze/batch",
        "POST /feedback",
        "GET /health",
        "GET /health/ready",
        "GET /metrics",
        "GET /",
    ]


async def test_every_operation_parameter_and_answer_has_a_description_and_an_example() -> None:
    document = await load()

    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        for parameter in operation["parameters"]:
            assert parameter["description"], name
            assert parameter["examples"], name
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            for content in response.get("content", {}).values():
                assert has_example(document, content), (name, status)


async def test_every_body_and_every_field_has_a_description_and_an_example() -> None:
    document = await load()

    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        assert schema["examples"], name
        for field, part in schema.get("properties", {}).items():
            assert part["description"], (name, field)
            assert "examples" in part or resolve(document, part)["examples"], (name, field)


@pytest.mark.parametrize("kind", fields.EXAMPLES, ids=lambda kind: kind.__name__)
def test_every_example_is_valid(kind: type) -> None:
    for example in fields.examples_of(kind):
        msgspec.json.decode(msgspec.json.encode(example), type=kind)


def test_the_answers_of_the_examples_are_about_the_text_of_the_examples() -> None:
    items: list[models.Entity | models.KeyPhrase] = [fields.ENTITY, fields.KEY_PHRASE]
    for item in items:
        assert fields.TEXT[item.begin : item.end] == item.text


async def test_every_error_answer_is_a_problem_with_an_example_for_each_code_from_the_table() -> None:
    for name, operation in operations(await load()):
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            for code, example in response["content"]["application/problem+json"]["examples"].items():
                assert (example["value"]["code"], example["value"]["status"]) == (code, int(status)), name
                assert set(example) == {"summary", "value"}


def test_every_code_that_a_caller_can_get_is_documented() -> None:
    told_in_the_introduction = {"not_found", "method_not_allowed", "invalid_http"}
    only_base_classes = {"invalid_input", "analysis_failed", "feedback_failed"}
    documented = {*REQUEST_ERRORS, *KEY_ERRORS, *BODY_ERRORS, *ANALYSIS_ERRORS, *FEEDBACK_ERRORS, "too_many_documents"}

    assert set(ERRORS) == documented | told_in_the_introduction | only_base_classes


async def test_where_keys_are_asked_for_the_document_says_by_which_operations() -> None:
    with_keys: dict[str, Any] = (await guarded().request("GET", "/schema/openapi.json")).json()

    scheme = with_keys["components"]["securitySchemes"]["ApiKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert {name for name, operation in operations(with_keys) if "security" in operation} == {
        "POST /analyze",
        "POST /analyze/batch",
        "POST /feedback",
        "GET /metrics",
    }


async def test_where_no_keys_are_asked_for_the_document_has_no_word_of_them() -> None:
    document = await load()

    assert "securitySchemes" not in document["components"]
    assert not any("security" in operation for _, operation in operations(document))


async def test_the_documents_of_a_batch_are_documented_although_they_travel_undecoded() -> None:
    documents = (await load())["components"]["schemas"]["BatchRequest"]["properties"]["documents"]

    assert documents["type"] == "array"
    assert documents["items"] == {"$ref": "#/components/schemas/BatchDocument"}


def test_the_names_of_components_are_those_of_structs() -> None:
    assert [
        kind for kind in fields.EXAMPLES if not (hasattr(schemas, kind.__name__) or hasattr(models, kind.__name__))
    ] == []


def test_the_document_is_the_same_after_every_start() -> None:
    script = (
        "import asyncio\n"
        "from tests.unit.entrypoints.api.support import Service\n"
        "print(asyncio.run(Service().request('GET', '/schema/openapi.json')).text)"
    )

    def start(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True
        )
        return done.stdout

    assert start("1") == start("2")


async def test_the_page_asks_for_our_own_files_only_and_has_nothing_inline() -> None:
    response = await Service().request("GET", "/schema")

    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"] == POLICY
    assert "//" not in response.text.replace("<!--", "")
    assert not re.search(r"<style|style=|<script>|\son\w+=", response.text)


async def test_every_file_that_the_page_asks_for_is_there() -> None:
    service = Service()
    page = (await service.request("GET", "/schema")).text
    addresses = re.findall(r'(?:src|href|data-url)="([^"]+)"', page)

    assert len(addresses) == 6
    for address in addresses:
        response = await service.request("GET", address)
        assert response.status_code == 200
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "page/../../app.py", "a" * 5_000, "%00"]
)
async def test_nothing_but_the_pages_files_is_served(name: str) -> None:
    response = await Service().request("GET", f"/schema/static/{name}")

    assert response.status_code == 404


def test_the_files_of_swagger_ui_are_those_of_its_release() -> None:
    folder = STATIC / "swagger-ui"
    lines = (folder / "CHECKSUMS").read_text().splitlines()
    listed = {name: checksum for checksum, name in (line.split("  ") for line in lines)}

    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "CHECKSUMS"
    }

    assert found == listed
