import pytest

from entrypoints.api.settings import ApiSettings
from sentiment_core.errors import AnalyzerUnavailableError, TextTooLongError
from sentiment_core.models import (
    ALL_FEATURES,
    Analysis,
    Document,
    Entity,
    EntityType,
    Feature,
    KeyPhrase,
    Options,
    SentimentScore,
    top_sentiment,
)
from sentiment_core.testing import FakeAnalyzer, ManualClock
from tests.unit.entrypoints.api.support import Service, code_of

TEXT = "AWS has great service"
ANALYSIS = Analysis(
    top_sentiment(SentimentScore(0.99, 0.01, 0.0, 0.0)),
    (Entity("AWS", EntityType.ORGANIZATION, 0.98, 0, 3),),
    (KeyPhrase("great service", 0.99, 8, 21),),
    model_version="aws-comprehend-1.0",
    analyzer="comprehend",
    language="en",
)


async def test_an_answer_has_the_documented_shape_in_the_documented_order() -> None:
    fake = FakeAnalyzer({TEXT: ANALYSIS}, name="comprehend", model_version="aws-comprehend-1.0")

    response = await Service(fake).post("/analyze", {"text": TEXT})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.text == (
        '{"sentiment":{"sentiment":"POSITIVE","scores":{"Positive":0.99,"Negative":0.01,"Neutral":0.0,"Mixed":0.0}},'
        '"entities":[{"text":"AWS","type":"ORGANIZATION","score":0.98,"begin":0,"end":3}],'
        '"key_phrases":[{"text":"great service","score":0.99,"begin":8,"end":21}],'
        '"model_version":"aws-comprehend-1.0","analyzer":"comprehend","language":"en","id":"",'
        '"degraded":false,"degraded_reason":null}'
    )


async def test_the_defaults_are_english_and_all_features() -> None:
    service = Service()

    await service.post("/analyze", {"text": "hello"})

    assert service.fake.calls == [([Document("hello", "en")], Options(ALL_FEATURES, 5.0))]


async def test_language_and_features_reach_the_analyzer() -> None:
    service = Service()

    response = await service.post("/analyze", {"text": "hola", "language": "es", "features": ["entities"]})

    ((documents, options),) = service.fake.calls
    assert (documents, options.features) == ([Document("hola", "es")], frozenset({Feature.ENTITIES}))
    assert (response.json()["sentiment"], response.json()["entities"]) == (None, [])


async def test_a_documents_failure_is_the_answer() -> None:
    service = Service(FakeAnalyzer({"long": TextTooLongError("Send less.")}))

    response = await service.post("/analyze", {"text": "long"})

    assert (response.status_code, code_of(response)) == (413, "text_too_long")
    assert response.json()["detail"] == "Send less."


async def test_a_failure_that_may_pass_says_when_to_come_back() -> None:
    service = Service(FakeAnalyzer({"x": AnalyzerUnavailableError("Gone.")}))

    response = await service.post("/analyze", {"text": "x"})

    assert response.status_code == 503
    assert 1 <= int(response.headers["retry-after"]) <= 3


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(None, 5), ("1", 0.001), ("0007", 0.007), ("1500", 1.5), ("30000", 30), ("30001", 30), ("9" * 5_000, 30)],
)
async def test_the_timeout_header_sets_the_deadline_up_to_the_maximum(asked: str | None, seconds: float) -> None:
    service = Service(clock=ManualClock(100))

    response = await service.post("/analyze", {"text": "x"}, **({"x_request_timeout_ms": asked} if asked else {}))

    assert response.status_code == 200
    assert service.fake.calls[0][1].deadline == 100 + seconds


@pytest.mark.parametrize("asked", ["", "0", "000", "-5", "+5", "1.5", "1e3", "abc", "0x10", "5 ", "١"])
async def test_any_other_timeout_header_is_refused(asked: str) -> None:
    service = Service()
    name = "x-request-timeout-ms"

    response = await service.request("POST", "/analyze", json={"text": "x"}, headers=[(name, asked.encode() + b"")])

    assert (response.status_code, code_of(response)) == (400, "invalid_timeout")
    assert service.fake.calls == []


async def test_a_batch_has_timeouts_of_its_own() -> None:
    settings = ApiSettings(default_batch_timeout_s=60, maximum_batch_timeout_s=90)
    service = Service(settings=settings)
    batch = {"documents": [{"text": "x"}]}

    await service.post("/analyze/batch", batch)
    await service.post("/analyze/batch", batch, x_request_timeout_ms="100000")

    assert [options.deadline for _, options in service.fake.calls] == [60, 90]


@pytest.mark.parametrize("path", ["/analyze/", "//analyze", "/analyze?x=1"])
async def test_slashes_and_queries_do_not_matter(path: str) -> None:
    response = await Service().request("POST", f"http://test{path}", json={"text": "x"})

    assert response.status_code == 200
