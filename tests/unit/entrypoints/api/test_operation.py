from entrypoints.api.app import create_app
from entrypoints.api.settings import ApiSettings
from sentiment_core.testing import FakeAnalyzer, InMemoryFeedbackStore
from sentiment_core.testing.metrics import RecordingMetrics
from tests.unit.entrypoints.api.support import Service, code_of, exposition, intake


async def test_health_asks_nothing_of_the_analyzer() -> None:
    service = Service()
    service.fake.unready = "The model is missing."

    response = await service.request("GET", "/health")

    assert (response.status_code, response.json()) == (200, {"status": "healthy"})


async def test_ready_is_200_when_the_analyzer_can_answer() -> None:
    response = await Service().request("GET", "/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


async def test_ready_is_503_with_the_reason_when_the_analyzer_cannot_answer() -> None:
    service = Service()
    service.fake.unready = "The model is missing."

    response = await service.request("GET", "/health/ready")

    assert (response.status_code, code_of(response)) == (503, "analyzer_unavailable")
    assert response.json()["detail"] == "The model is missing."


async def test_metrics_are_the_expositions_text_for_the_accept_header() -> None:
    response = await Service().request("GET", "/metrics", headers={"accept": "application/openmetrics-text"})

    assert response.text == "# for application/openmetrics-text\n"
    assert response.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"


async def test_the_root_leads_to_the_documentation() -> None:
    response = await Service().request("GET", "/")

    assert (response.status_code, response.headers["location"]) == (302, "/schema")


async def test_hooks_run_in_order_around_the_servers_life() -> None:
    happened: list[str] = []

    async def first() -> None:
        happened.append("first")

    async def second() -> None:
        happened.append("second")

    async def last() -> None:
        happened.append("last")

    app = create_app(
        analyzer=FakeAnalyzer(),
        feedback=intake(RecordingMetrics(), InMemoryFeedbackStore()),
        metrics=RecordingMetrics(),
        exposition=exposition,
        settings=ApiSettings(),
        on_startup=[first, second],
        on_shutdown=[last],
    )
    incoming = iter(("lifespan.startup", "lifespan.shutdown"))
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": next(incoming)}

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)  # type: ignore[arg-type]

    assert happened == ["first", "second", "last"]
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
