import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.exceptions import HTTPException, ImproperlyConfiguredException

from entrypoints.api.errors import ERRORS, RefusedError, explain
from sentiment_core.errors import AnalysisError, FeedbackError
from sentiment_core.metric_names import ERROR_COUNT
from sentiment_core.testing import FakeAnalyzer
from tests.unit.entrypoints.api.support import Exchange, Service, body, code_of

SECRET = "the text that was analyzed"


Kind = type[AnalysisError | FeedbackError]


def subclasses(kind: Kind) -> Iterator[Kind]:
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


def test_every_error_of_the_core_has_an_answer() -> None:
    assert {kind.code for root in (AnalysisError, FeedbackError) for kind in subclasses(root)} <= set(ERRORS)


@pytest.mark.parametrize("code", ERRORS)
def test_every_answer_is_an_error_that_says_what_to_do(code: str) -> None:
    kind = ERRORS[code]

    assert 400 <= kind.status < 600
    assert kind.advice.endswith(".")
    assert not kind.title.endswith(".")


def test_only_a_full_or_absent_service_asks_to_be_tried_again() -> None:
    assert {kind.status for kind in ERRORS.values() if kind.retry} == {503}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HTTPException(status_code=404), "not_found"),
        (HTTPException(status_code=405), "method_not_allowed"),
        (HTTPException(detail="Invalid host header", status_code=400), "invalid_request"),
        (ImproperlyConfiguredException(SECRET), "internal_error"),
        (RuntimeError(SECRET), "internal_error"),
        (RefusedError("no such code", SECRET), "internal_error"),
        (asyncio.CancelledError(SECRET), "shutting_down"),
    ],
    ids=repr,
)
def test_errors_that_are_not_the_cores_have_codes_and_only_callers_faults_are_quoted(
    error: BaseException, code: str
) -> None:
    found, detail = explain(error)

    assert found == code
    assert SECRET not in detail


async def failing() -> None:
    raise RuntimeError(SECRET)


async def test_an_unexpected_error_is_500_without_internals() -> None:
    service = Service(FakeAnalyzer(before=failing))

    response = await service.post("/analyze", {"text": SECRET}, x_request_id="find-me")

    assert (response.status_code, code_of(response)) == (500, "internal_error")
    assert "RuntimeError" not in response.text
    assert SECRET not in response.text
    assert service.metrics.value(ERROR_COUNT, "internal_error") == 1


async def test_an_unexpected_error_is_logged_with_the_request_id_and_the_place_but_not_the_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        await Service(FakeAnalyzer(before=failing)).post("/analyze", {"text": SECRET}, x_request_id="find-me")

    assert "find-me" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "in failing" in caplog.text
    assert SECRET not in caplog.text


async def test_a_callers_fault_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="entrypoints"):
        await Service().post("/analyze", b"{")

    assert caplog.records == []


async def test_every_refused_request_is_counted_by_code() -> None:
    service = Service()

    await service.post("/analyze", b"{")
    await service.post("/analyze", b"{")
    await service.request("GET", "/nowhere")

    assert service.metrics.value(ERROR_COUNT, "invalid_json") == 2
    assert service.metrics.value(ERROR_COUNT, "not_found") == 1


async def test_an_error_after_the_answer_has_begun_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()

    async def half(scope: object, receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(SECRET)

    monkeypatch.setattr(service.app, "_app", half)
    exchange = Exchange(service.app, [body(b"{}")])

    with pytest.raises(RuntimeError):
        await exchange.run()

    assert [message["type"] for message in exchange.sent] == ["http.response.start"]


async def test_a_method_that_a_path_does_not_take_is_405_and_the_answer_says_what_it_takes() -> None:
    response = await Service().request("GET", "/analyze")

    assert (response.status_code, code_of(response)) == (405, "method_not_allowed")
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/analyze/batch/more", "/%00", "/..%2f..%2fetc/passwd", "/" + "a" * 50_000]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "TRACE", "BREW"])
async def test_an_unknown_path_is_404_whatever_the_method(method: str, path: str) -> None:
    response = await Service().request(method, path)

    assert (response.status_code, code_of(response)) == (404, "not_found")
