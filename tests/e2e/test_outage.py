"""Comprehend in a real process: its outage, its return, and what of the texts gets into logs and metrics: nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.serving import CANARY, Service, serve
from tests.standins.aws import DUMMY_AWS
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import truncated
from tests.standins.fault_proxy import FaultProxy
from tests.standins.network_faults import Blackhole, Fault, Refusing

JSON = {"content-type": "application/json"}
TEXTS = [f"The staff were wonderful, {CANARY} is great, day {number}." for number in range(4)]


@pytest.fixture
def comprehend() -> Iterator[ComprehendStandIn]:
    with ComprehendStandIn() as comprehend:
        yield comprehend


@pytest.fixture
def proxy(comprehend: ComprehendStandIn) -> Iterator[FaultProxy]:
    with FaultProxy(comprehend.endpoint_url) as proxy:
        yield proxy


@pytest.fixture
def service(proxy: FaultProxy, tmp_path: Path) -> Iterator[Service]:
    with serve(
        tmp_path,
        SENTIMENT_ANALYZER="comprehend",
        SENTIMENT_LOG_LEVEL="debug",
        AWS_ENDPOINT_URL_COMPREHEND=proxy.endpoint_url,
        **DUMMY_AWS,
    ) as service:
        yield service


def test_the_embedded_model_answers_for_comprehend_and_texts_stay_out_of_logs_and_metrics(
    service: Service, proxy: FaultProxy, comprehend: ComprehendStandIn, tmp_path: Path
) -> None:
    answers = [_ask(service, TEXTS[0])]
    comprehend.fail_always(truncated())
    answers.append(_ask(service, TEXTS[1]))
    comprehend.fail_always(None)
    proxy.fault = Blackhole()
    answers.append(_ask(service, TEXTS[2], milliseconds=1_000))
    proxy.fault = Refusing()
    answers.append(_ask(service, TEXTS[3]))
    answers.append(_ask(service, TEXTS[0]))
    proxy.fault = Fault()
    for body in (f'["{CANARY}"]'.encode(), f'{{"text": "{CANARY}'.encode() + b'\xff"}'):
        assert httpx.post(f"{service.address}/analyze", content=body, headers=JSON).status_code == 400
    metrics = httpx.get(f"{service.address}/metrics").text
    assert service.stop() == 0

    assert [(answer["analyzer"], answer["degraded_reason"]) for answer in answers] == [
        ("comprehend", None),
        ("embedded", "invalid_reply"),
        ("embedded", "deadline_exceeded"),
        ("embedded", "analyzer_unavailable"),
        ("comprehend", None),  # from the cache
    ]
    assert {answer["sentiment"]["sentiment"] for answer in answers} == {"POSITIVE"}
    assert CANARY not in metrics
    assert CANARY not in (tmp_path / "log").read_text()


def _ask(service: Service, text: str, milliseconds: int = 20_000) -> dict[str, Any]:
    headers = {"X-Request-Timeout-Ms": str(milliseconds)}
    response = httpx.post(f"{service.address}/analyze", json={"text": text}, headers=headers, timeout=60)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer
