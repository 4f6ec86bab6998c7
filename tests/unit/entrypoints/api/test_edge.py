import pytest

from tests.unit.entrypoints.api.support import Service, code_of

TEXT = b'{"text": "a"}'


@pytest.mark.parametrize("given", ["a", "checkout-17.2_b", "x" * 64])
async def test_a_well_formed_request_id_is_taken_over(given: str) -> None:
    response = await Service().post("/analyze", {"text": "a"}, x_request_id=given)

    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\tb", "é", "<script>", 'a"b', "a%0d%0ab"])
async def test_a_malformed_request_id_is_replaced(given: str) -> None:
    response = await Service().request("GET", "/health", headers=[("x-request-id", given.encode("latin-1"))])

    assert len(response.headers["x-request-id"]) == 16
    assert response.headers["x-request-id"] != given


async def test_two_requests_have_two_ids() -> None:
    service = Service()

    ids = {(await service.request("GET", "/health")).headers["x-request-id"] for _ in range(10)}

    assert len(ids) == 10


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/analyze"), ("GET", "/health"), ("GET", "/nowhere"), ("GET", "/")]
)
async def test_every_answer_of_the_api_has_the_security_headers(method: str, path: str) -> None:
    response = await Service().request(method, path)

    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_a_draining_service_serves_on_but_is_not_ready_and_closes_connections() -> None:
    service = Service()
    assert (await service.request("GET", "/health/ready")).status_code == 200

    service.app.drain()

    ready = await service.request("GET", "/health/ready")
    answer = await service.post("/analyze", {"text": "a"})
    assert (ready.status_code, code_of(ready)) == (503, "shutting_down")
    assert "retry-after" in ready.headers
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
