"""moto's Comprehend, for what it has: single calls of sentiment and key phrases, with fixed answers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import httpx
import pytest
from moto.server import ThreadedMotoServer

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.errors import InvalidReplyError
from sentiment_core.models import Analysis, Document, Feature, Options, SentimentType
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.aws import use_dummy_aws

KEY_PHRASES = Options(frozenset({Feature.KEY_PHRASES}))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # The first call has it load much, which may take longer than the client waits.
    scope = "Credential=testing/20261125/eu-west-1/comprehend/aws4_request"
    headers = {"X-Amz-Target": "Comprehend_20171127.DetectSentiment", "Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    httpx.post(url, headers=headers, json={"Text": "?", "LanguageCode": "en"}, timeout=60).raise_for_status()
    yield url
    server.stop()


@pytest.fixture
async def moto(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ComprehendAnalyzer]:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=endpoint)
    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=RecordingMetrics())) as analyzer:
        yield analyzer


async def test_a_document_has_its_sentiment(moto: ComprehendAnalyzer) -> None:
    [analysis] = await moto.analyze([Document("Great")], Options(frozenset({Feature.SENTIMENT})))

    assert isinstance(analysis, Analysis)
    assert analysis.sentiment is not None
    assert analysis.sentiment.sentiment is SentimentType.NEUTRAL


async def test_key_phrases_without_a_text_take_it_from_the_document(moto: ComprehendAnalyzer) -> None:
    text = "".join(f"word{number:03d} " for number in range(60))

    [analysis] = await moto.analyze([Document(text)], KEY_PHRASES)

    assert isinstance(analysis, Analysis)
    assert analysis.key_phrases
    assert all(phrase.text == text[phrase.begin : phrase.end] for phrase in analysis.key_phrases)


async def test_offsets_beyond_the_text_are_not_passed_on(moto: ComprehendAnalyzer) -> None:
    [outcome] = await moto.analyze([Document("Great")], KEY_PHRASES)

    assert isinstance(outcome, InvalidReplyError)
