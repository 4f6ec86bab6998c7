"""The short way past the framework answers as the framework does, which has the same paths with a slash at the end."""

import pytest

from sentiment_core.errors import ThrottledError
from sentiment_core.metric_names import REQUEST_COUNT
from sentiment_core.models import SentimentType
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from tests.unit.entrypoints.api.support import Service

SCRIPT = {"good": fake_analysis(SentimentType.POSITIVE), "busy": ThrottledError("Full.")}

REQUESTS = [
    ("/analyze", {"text": "good"}, {}),
    ("/analyze", {"text": "busy"}, {}),
    ("/analyze", {"text": "good", "features": ["entities"], "language": "de"}, {}),
    ("/analyze", {"text": 7}, {}),
    ("/analyze", b"", {}),
    ("/analyze", b"{", {}),
    ("/analyze", {"text": "good"}, {"content_type": "text/plain"}),
    ("/analyze", {"text": "good"}, {"x_request_timeout_ms": "soon"}),
    ("/analyze/batch", {"documents": [{"text": "good"}, {"text": "busy"}, {"text": 7}]}, {}),
    ("/analyze/batch", {"documents": []}, {}),
]


@pytest.mark.parametrize(("path", "body", "headers"), REQUESTS)
async def test_both_ways_answer_the_same(path: str, body: object, headers: dict[str, str]) -> None:
    service = Service(FakeAnalyzer(SCRIPT))

    short = await service.post(path, body, x_request_id="same", **headers)
    long = await service.post(f"{path}/", body, x_request_id="same", **headers)

    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert {**short.headers, "retry-after": ""} == {**long.headers, "retry-after": ""}


async def test_both_ways_count_as_one_route() -> None:
    service = Service()
    for path in ("/analyze", "/analyze/"):
        await service.post(path, {"text": "a"})

    assert service.metrics.value(REQUEST_COUNT, "/analyze", "200") == 2


async def test_other_methods_of_the_path_are_the_frameworks() -> None:
    response = await Service().request("GET", "/analyze")

    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
