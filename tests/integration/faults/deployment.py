"""The service with Comprehend as it is deployed, on this machine: client, HTTP server, network, Comprehend."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from dependency_injector import providers
from prometheus_client.parser import text_string_to_metric_families

from entrypoints.container import build_container
from entrypoints.settings import Settings
from sentiment_core.metric_names import Metric
from sentiment_core.models import Options, SentimentType
from sentiment_core.probing import GOLDEN
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from tests.integration.api_server import HttpServer
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.fault_proxy import FaultProxy

CANARY = "zanzibar"
"""In every text, so that it is easily seen where texts get to."""

TEXTS = [f"A great {CANARY} in Oslo, number {number}" for number in range(100)]
"""POSITIVE by Comprehend and MIXED by the embedded model, so that NEUTRAL is neither's."""

CONNECTIONS = 6

PATIENT, HURRIED = 20_000, 600
"""Milliseconds: more than any test's machine needs, and the deadlines that tests wait for."""


class Deployment:
    """The service in the middle, and what a test needs of what is around it."""

    def __init__(
        self, server: HttpServer, comprehend: ComprehendStandIn, proxy: FaultProxy, embedded: FakeAnalyzer
    ) -> None:
        self.server = server
        self.comprehend = comprehend
        self.proxy = proxy
        self.embedded = embedded
        self._client = httpx.Client(
            base_url=server.url, timeout=60, verify=False
        )  # no TLS; loading its roots takes 0.1 s

    def analyze(self, text: str = TEXTS[0], *, timeout_ms: object = PATIENT, **body: Any) -> httpx.Response:
        headers = {"X-Request-Timeout-Ms": str(timeout_ms)}
        return self._client.post("/analyze", json={"text": text, **body}, headers=headers)

    def analyze_batch(self, texts: Sequence[str], **body: Any) -> list[dict[str, Any]]:
        """The results."""
        headers = {"X-Request-Timeout-Ms": str(PATIENT)}
        documents = [{"text": text} for text in texts]
        response = self._client.post("/analyze/batch", json={"documents": documents, **body}, headers=headers)
        assert response.status_code == 200, response.text
        results: list[dict[str, Any]] = response.json()["results"]
        return results

    def fallen_back(self) -> list[tuple[str, Options]]:
        """The texts that the embedded model was asked for, and how. The golden probe's are not among them."""
        return [
            (document.text, options)
            for documents, options in self.embedded.calls
            for document in documents
            if document not in GOLDEN
        ]

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def metric(self, metric: Metric, *labels: str, suffix: str = "") -> float:
        """The value of a counter or gauge, or of one series (``suffix``) of a histogram."""
        name = metric.exposed_name + suffix
        wanted = dict(zip(metric.labels, labels, strict=True))
        for family in text_string_to_metric_families(self.get("/metrics").text):
            for sample in family.samples:
                if sample.name == name and sample.labels == wanted:
                    return sample.value
        return 0.0

    def close(self) -> None:
        self._client.close()


@contextmanager
def deployed(
    comprehend: ComprehendStandIn, proxy: FaultProxy, data: Path, settings: Mapping[str, Any]
) -> Iterator[Deployment]:
    """All of it but the model, whose double answers TEXTS. It keeps its state in ``data``."""
    embedded = FakeAnalyzer(dict.fromkeys(TEXTS, fake_analysis(SentimentType.MIXED)), name="embedded")
    fixed: dict[str, Any] = {
        "comprehend_connections": CONNECTIONS,
        "cache": "off",
        "tracking": "off",
        "data_dir": str(data),
    }
    container = build_container(Settings(analyzer="comprehend", **{**fixed, **settings}))
    container.embedded.override(providers.Object(embedded))
    with HttpServer(container.app(), container.metrics()) as server:
        deployment = Deployment(server, comprehend, proxy, embedded)
        try:
            yield deployment
        finally:
            deployment.close()


def degraded_reason(response: httpx.Response) -> str:
    """Why Comprehend did not answer, after a look at that the embedded model did; after its deadline none is a 200."""
    answer = response.json()
    assert response.status_code == 200, answer
    assert who_answered(answer) == "embedded"
    reason: str = answer["degraded_reason"]
    return reason


def who_answered(answer: Mapping[str, Any]) -> str:
    """Who says that it did, after a look at that this is true; for one of TEXTS."""
    analyzer: str = answer["analyzer"]
    assert answer["degraded"] == (analyzer == "embedded") == bool(answer["degraded_reason"])
    assert answer["sentiment"]["sentiment"] == {"comprehend": "POSITIVE", "embedded": "MIXED"}[analyzer]
    return analyzer
