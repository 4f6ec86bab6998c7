import json
from typing import Any

import pytest

from entrypoints.api.settings import ApiSettings
from sentiment_core.errors import ThrottledError
from sentiment_core.metric_names import ERROR_COUNT
from sentiment_core.models import Document, Feature
from sentiment_core.testing import FakeAnalyzer
from tests.unit.entrypoints.api.support import Service, code_of

GOOD = {"id": "good", "text": "fine"}


async def results_of(service: Service, documents: Any) -> list[dict[str, Any]]:
    response = await service.post("/analyze/batch", {"documents": documents})
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    return results


async def test_results_are_in_order_under_the_documents_ids() -> None:
    documents = [{"id": name, "text": f"text {name}"} for name in ("b", "a", "b", "ü")]

    results = await results_of(Service(), documents)

    assert [result["id"] for result in results] == ["b", "a", "b", "ü"]
    assert all(set(result) == {"id", "analysis"} for result in results)


async def test_a_document_without_an_id_has_its_index() -> None:
    results = await results_of(Service(), [{"text": "x"}, {"id": "own", "text": "x"}, {"id": None, "text": "x"}])

    assert [result["id"] for result in results] == ["0", "own", "2"]


@pytest.mark.parametrize(
    ("bad", "id_", "code"),
    [
        ({"id": "x", "text": 1}, "x", "invalid_request"),
        ({"id": "x", "text": "a", "more": 1}, "x", "invalid_request"),
        ({"id": "x"}, "x", "invalid_request"),
        ({"id": 7, "text": "a"}, "1", "invalid_request"),
        ({"id": "", "text": "a"}, "1", "invalid_request"),
        ({"id": "x" * 129, "text": "a"}, "1", "invalid_request"),
        ({"id": "x", "text": "a", "language": "x" * 36}, "x", "invalid_request"),
        ({"id": "x", "text": "a", "language": "tlh"}, "x", "unsupported_language"),
        ("text", "1", "invalid_request"),
        (None, "1", "invalid_request"),
        ([], "1", "invalid_request"),
    ],
)
async def test_a_bad_document_is_an_error_in_its_place_and_its_neighbours_are_answered(
    bad: Any, id_: str, code: str
) -> None:
    service = Service()

    before, result, after = await results_of(service, [GOOD, bad, GOOD])

    assert (before["id"], after["id"]) == ("good", "good")
    assert "analysis" in before
    assert "analysis" in after
    assert (result["id"], result["error"]["code"]) == (id_, code)
    assert result["error"]["message"]
    assert service.metrics.value(ERROR_COUNT, code) == 1


async def test_bytes_that_are_not_utf8_spoil_their_own_document_only() -> None:
    content = b'{"documents": [{"text": "fine"}, {"id": "x", "text": "\xff"}, {"text": "fine"}]}'

    response = await Service().post("/analyze/batch", content)

    assert [result.get("error", {}).get("code") for result in response.json()["results"]] == [
        None,
        "invalid_encoding",
        None,
    ]


async def test_an_analyzers_failure_is_that_documents_alone_and_is_counted() -> None:
    service = Service(FakeAnalyzer({"bad": ThrottledError("Slow down.")}))

    results = await results_of(service, [{"text": "bad"}, GOOD])

    assert results[0] == {"id": "0", "error": {"code": "throttled", "message": "Slow down."}}
    assert "analysis" in results[1]
    assert service.metrics.value(ERROR_COUNT, "throttled") == 1


async def test_the_analyzer_gets_the_good_documents_in_one_call_with_the_features() -> None:
    service = Service()

    await service.post(
        "/analyze/batch", {"documents": [GOOD, 1, {"text": "b", "language": "fr"}], "features": ["sentiment"]}
    )

    ((documents, options),) = service.fake.calls
    assert (documents, options.features) == ([Document("fine"), Document("b", "fr")], frozenset({Feature.SENTIMENT}))


@pytest.mark.parametrize("documents", [[], {}, "x", None, 3, {"0": GOOD}])
async def test_anything_but_a_list_of_documents_is_refused_as_a_whole(documents: Any) -> None:
    response = await Service().post("/analyze/batch", {"documents": documents})

    assert (response.status_code, code_of(response)) == (400, "invalid_request")


async def test_as_many_documents_as_are_allowed_are_answered_and_one_more_is_refused() -> None:
    service = Service(settings=ApiSettings(max_batch_documents=3))

    assert len(await results_of(service, [GOOD] * 3)) == 3
    response = await service.post("/analyze/batch", {"documents": [GOOD] * 4})

    assert (response.status_code, code_of(response)) == (413, "too_many_documents")


async def test_a_thousand_documents_are_allowed_by_default() -> None:
    assert len(await results_of(Service(), [GOOD] * 1_000)) == 1_000


async def test_a_batch_has_a_larger_body_than_a_single_request() -> None:
    service = Service(settings=ApiSettings(max_body_bytes=50, max_batch_body_bytes=200))
    content = json.dumps({"documents": [{"text": "x" * 100}]}).encode()

    assert (await service.post("/analyze/batch", content)).status_code == 200
    assert (await service.post("/analyze", content)).status_code == 413
    assert (await service.post("/analyze/batch", content + b" " * 200)).status_code == 413
