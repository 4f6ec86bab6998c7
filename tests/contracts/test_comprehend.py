from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.ports import Analyzer
from sentiment_core.testing import AnalyzerContract
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn


class TestComprehendAnalyzer(AnalyzerContract):
    """The real client, over a socket, against the stand-in."""

    @pytest.fixture(autouse=True)
    def comprehend(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with ComprehendStandIn() as comprehend:
            use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=comprehend.endpoint_url)
            yield

    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=RecordingMetrics())) as analyzer:
            yield analyzer
