from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn


@pytest.fixture
def comprehend(monkeypatch: pytest.MonkeyPatch) -> Iterator[ComprehendStandIn]:
    """The stand-in that clients of this test talk to."""
    with ComprehendStandIn() as comprehend:
        use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=comprehend.endpoint_url)
        yield comprehend


@pytest.fixture
def metrics() -> RecordingMetrics:
    return RecordingMetrics()


@pytest.fixture
async def analyzer(comprehend: ComprehendStandIn, metrics: RecordingMetrics) -> AsyncIterator[ComprehendAnalyzer]:
    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=metrics)) as analyzer:
        yield analyzer


@pytest.fixture
async def one_connection(comprehend: ComprehendStandIn, metrics: RecordingMetrics) -> AsyncIterator[ComprehendAnalyzer]:
    async with aclosing(ComprehendAnalyzer(comprehend_client(connections=1), metrics=metrics)) as analyzer:
        yield analyzer
