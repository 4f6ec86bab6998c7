"""The real client over a real socket, against a stand-in for Amazon Comprehend that answers as it should."""

from contextlib import aclosing

import pytest

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.errors import AnalyzerUnavailableError, TextTooLongError
from sentiment_core.metric_names import COMPREHEND_LATENCY_SECONDS
from sentiment_core.models import Analysis, Document, Entity, EntityType, Feature, Options, SentimentType
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.comprehend_faults import throttled

SENTIMENT = frozenset({Feature.SENTIMENT})
SPANS = frozenset({Feature.ENTITIES, Feature.KEY_PHRASES})
LONG = "é" * 2_501


async def test_a_document_is_answered_with_all_three_analyses(analyzer: ComprehendAnalyzer) -> None:
    [analysis] = await analyzer.analyze([Document("😀 Ann loved the great soup")], Options())

    assert isinstance(analysis, Analysis)
    assert analysis.sentiment is not None
    assert analysis.sentiment.sentiment is SentimentType.POSITIVE
    assert analysis.entities == (Entity("Ann", EntityType.OTHER, 0.99, 2, 5),)
    assert [phrase.text for phrase in analysis.key_phrases or ()] == ["loved", "great soup"]
    assert (analysis.analyzer, analysis.model_version) == ("comprehend", "aws-comprehend-1.0")


async def test_one_document_goes_by_the_single_operations(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    await analyzer.analyze([Document("Great")], Options())

    assert sorted(call.operation for call in comprehend.calls) == [
        "DetectEntities",
        "DetectKeyPhrases",
        "DetectSentiment",
    ]


async def test_documents_share_batches_by_language(comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer) -> None:
    documents = [Document(f"{language} {number}", language) for number in range(30) for language in ("en", "de")]

    outcomes = await analyzer.analyze(documents, Options(SENTIMENT))

    assert all(isinstance(outcome, Analysis) for outcome in outcomes)
    assert sorted((call.language, len(call.texts)) for call in comprehend.calls) == [
        ("de", 5),
        ("de", 25),
        ("en", 5),
        ("en", 25),
    ]
    assert {call.operation for call in comprehend.calls} == {"BatchDetectSentiment"}


async def test_a_text_of_more_than_5000_bytes_goes_alone_for_its_spans(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    documents = [Document("Oslo"), Document(LONG + " Oslo"), Document("Rome")]

    outcomes = await analyzer.analyze(documents, Options(SPANS))

    found = [
        [entity.text for entity in outcome.entities or ()] for outcome in outcomes if isinstance(outcome, Analysis)
    ]
    assert found == [["Oslo"], ["Oslo"], ["Rome"]]
    assert sorted(call.operation for call in comprehend.calls) == [
        "BatchDetectEntities",
        "BatchDetectKeyPhrases",
        "DetectEntities",
        "DetectKeyPhrases",
    ]


async def test_a_text_of_more_than_5000_bytes_has_no_sentiment_and_is_not_paid_for(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    [outcome] = await analyzer.analyze([Document(LONG)], Options())

    assert isinstance(outcome, TextTooLongError)
    assert comprehend.calls == []


async def test_every_call_is_measured_by_operation_a_failed_one_too(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer, metrics: RecordingMetrics
) -> None:
    comprehend.fail(throttled())

    await analyzer.analyze([Document("Great")], Options(SENTIMENT))
    await analyzer.analyze([Document("Great"), Document("Awful")], Options(SENTIMENT))

    [failed] = metrics.observations(COMPREHEND_LATENCY_SECONDS, "DetectSentiment")
    [answered] = metrics.observations(COMPREHEND_LATENCY_SECONDS, "BatchDetectSentiment")
    assert failed > 0
    assert answered > 0


async def test_a_failed_call_is_made_once_whatever_the_variables_say(
    comprehend: ComprehendStandIn, monkeypatch: pytest.MonkeyPatch, metrics: RecordingMetrics
) -> None:
    """Retrying is a policy's."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    comprehend.fail(throttled())

    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=metrics)) as analyzer:
        await analyzer.analyze([Document("Great")], Options(SENTIMENT))

    assert len(comprehend.calls) == 1


async def test_it_is_ready_with_credentials_and_asks_nothing_for_that(
    comprehend: ComprehendStandIn, analyzer: ComprehendAnalyzer
) -> None:
    await analyzer.ready()

    assert comprehend.calls == []


async def test_without_credentials_it_says_what_to_set(
    comprehend: ComprehendStandIn, monkeypatch: pytest.MonkeyPatch, metrics: RecordingMetrics
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=metrics)) as analyzer:
        with pytest.raises(AnalyzerUnavailableError, match=r"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            await analyzer.ready()


async def test_a_line_break_in_the_credentials_adds_no_header(
    comprehend: ComprehendStandIn, monkeypatch: pytest.MonkeyPatch, metrics: RecordingMetrics
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token\r\nX-Other: header")

    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=metrics)) as analyzer:
        [outcome] = await analyzer.analyze([Document("Great")], Options(SENTIMENT))

    assert isinstance(outcome, AnalyzerUnavailableError)
    assert comprehend.calls == []
