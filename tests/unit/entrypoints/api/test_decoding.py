import time

import pytest

from tests.unit.entrypoints.api.support import Service, code_of

ANYWHERE = [
    (b"", "empty_body"),
    (b" ", "invalid_json"),
    (b"{", "invalid_json"),
    (b"null", "invalid_request"),
    (b'"text"', "invalid_request"),
    (b"[]", "invalid_request"),
    (b"\xff", "invalid_json"),
    (b"\xef\xbb\xbf{}", "invalid_json"),
    ('{"text": "a"}'.encode("utf-16"), "invalid_json"),
    (b"{}", "invalid_request"),
    (b'{"nope": 1}', "invalid_request"),
    (b'{"te\xffxt": 1}', "invalid_encoding"),
    (b"'text'", "invalid_json"),
]

SINGLE = [
    (b'{"text": "a"} x', "invalid_json"),
    (b'{"text": "a",}', "invalid_json"),
    (b'{"text": "a\nb"}', "invalid_json"),
    (b'{"text": "a\x00b"}', "invalid_json"),
    (b'{"text": "\xff"}', "invalid_encoding"),
    (b'{"text": "\xc0\xaf"}', "invalid_encoding"),
    (b'{"text": "\xed\xa0\x80"}', "invalid_encoding"),
    (b'{"text": "\\ud800"}', "invalid_json"),
    (b'{"text": "\\ud800 "}', "invalid_json"),
    (b'{"text": NaN}', "invalid_json"),
    (b'{"text": Infinity}', "invalid_json"),
    (b'{"text": 1e400}', "invalid_request"),
    (b'{"text": ' + b"9" * 100_000 + b"}", "invalid_request"),
    (b'{"text": null}', "invalid_request"),
    (b'{"text": "a", "language": 1}', "invalid_request"),
    (b'{"text": "a", "features": []}', "invalid_request"),
    (b'{"text": "a", "features": ["mood"]}', "invalid_request"),
    (b'{"text": "a", "features": "sentiment"}', "invalid_request"),
    (b'{"text": "a", "' + b"k" * 100_000 + b'": 1}', "invalid_request"),
]


@pytest.mark.parametrize("path", ["/analyze", "/analyze/batch"])
@pytest.mark.parametrize(("content", "code"), ANYWHERE)
async def test_a_body_that_is_not_an_object_of_the_right_shape_is_400(path: str, content: bytes, code: str) -> None:
    response = await Service().post(path, content)

    assert (response.status_code, code_of(response)) == (400, code)


@pytest.mark.parametrize(("content", "code"), SINGLE, ids=lambda value: str(value)[:40])
async def test_a_hostile_body_is_400_and_reaches_no_analyzer(content: bytes, code: str) -> None:
    service = Service()

    response = await service.post("/analyze", content)

    assert (response.status_code, code_of(response)) == (400, code)
    assert len(response.content) < 1_000
    assert service.fake.calls == []


@pytest.mark.parametrize("depth", [100, 10_000, 400_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize(
    ("path", "before"),
    [("/analyze", b'{"text":'), ("/analyze", b""), ("/analyze/batch", b'{"documents":'), ("/analyze/batch", b"")],
)
async def test_deep_nesting_is_400_at_once(path: str, before: bytes, opening: bytes, depth: int) -> None:
    service = Service()
    content = before + (opening * depth)[:900_000]

    started = time.process_time()
    response = await service.post(path, content)

    assert response.status_code == 400
    assert time.process_time() - started < 0.5


async def test_a_million_elements_where_a_thousand_are_allowed_are_refused_without_being_built() -> None:
    response = await Service().post("/analyze/batch", b'{"documents": [' + b"1," * 4_000_000 + b"1]}")

    assert (response.status_code, code_of(response)) == (413, "too_many_documents")


@pytest.mark.parametrize("path", ["/analyze", "/analyze/batch"])
async def test_a_hundred_thousand_keys_are_refused_at_the_first_that_is_unknown(path: str) -> None:
    keys = b",".join(b'"%d":1' % number for number in range(100_000))

    response = await Service().post(path, b"{" + keys[:900_000] + b"}")

    assert (response.status_code, code_of(response)) == (400, "invalid_request")
    assert "`0`" in response.json()["detail"]


async def test_the_refusal_of_an_unknown_field_names_it_and_the_known_ones() -> None:
    response = await Service().post("/analyze", {"text": "a", "lang": "en"})

    assert response.json()["detail"] == "Object contains unknown field `lang`; known are text, language, features."


async def test_the_refusal_of_a_wrong_type_says_where_it_is() -> None:
    response = await Service().post("/analyze", {"text": "a", "features": ["entities", "mood"]})

    assert response.json()["detail"] == "Invalid enum value 'mood' - at `$.features[1]`."


async def test_of_a_key_that_is_given_twice_the_last_value_counts() -> None:
    service = Service()

    await service.post("/analyze", b'{"text": "first", "text": "last"}')

    ((documents, _),) = service.fake.calls
    assert documents[0].text == "last"


async def test_awkward_but_valid_text_arrives_as_it_was_sent() -> None:
    service = Service()
    text = "nul \x00 bidi \u202e zwj 👩‍👩‍👧 combining " + "é̂" * 1_000

    response = await service.post("/analyze", {"text": text})

    assert response.status_code == 200
    assert service.fake.calls[0][0][0].text == text


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"'],
)
async def test_json_in_utf8_is_taken_however_its_type_is_spelt(content_type: str) -> None:
    response = await Service().post("/analyze", b'{"text": "a"}', content_type=content_type)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "\x01"],
)
async def test_any_other_content_type_is_415(content_type: str) -> None:
    response = await Service().post("/analyze", b'{"text": "a"}', content_type=content_type)

    assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/xml;q=0.1", "", "ü".encode().decode("latin-1")])
async def test_any_accept_header_gets_json(accept: str) -> None:
    response = await Service().request(
        "POST", "/analyze", json={"text": "a"}, headers=[("accept", accept.encode("latin-1"))]
    )

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
