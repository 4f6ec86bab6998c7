import asyncio

from sentiment_core.errors import ThrottledError
from sentiment_core.metric_names import CATALOGUE, ENTITIES_PER_TEXT, SENTIMENT_CONFIDENCE, SENTIMENT_COUNT, TEXT_LENGTH
from sentiment_core.models import ALL_FEATURES, Document, Entity, EntityType, Feature, Options, SentimentType
from sentiment_core.policies.measuring import MeasuringAnalyzer
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from sentiment_core.testing.metrics import RecordingMetrics

BERLIN = Entity("Berlin", EntityType.LOCATION, 0.9, 0, 6)

FAKE = FakeAnalyzer(
    {
        "Berlin is lovely": fake_analysis(SentimentType.POSITIVE, [BERLIN]),
        "dreadful": fake_analysis(SentimentType.NEGATIVE),
        "refused": ThrottledError("Over the quota."),
    }
)


def measure(*texts: str, features: frozenset[Feature] = ALL_FEATURES) -> RecordingMetrics:
    metrics = RecordingMetrics()
    analyzer = MeasuringAnalyzer(FAKE, metrics)
    asyncio.run(analyzer.analyze([Document(text) for text in texts], Options(features)))
    return metrics


def test_each_document_answered_is_counted_and_measured() -> None:
    metrics = measure("Berlin is lovely", "dreadful", "dreadful")

    assert metrics.observations(TEXT_LENGTH) == [16, 8, 8]
    assert metrics.observations(ENTITIES_PER_TEXT) == [1, 0, 0]
    assert metrics.value(SENTIMENT_COUNT, "POSITIVE") == 1
    assert metrics.value(SENTIMENT_COUNT, "NEGATIVE") == 2
    assert metrics.observations(SENTIMENT_CONFIDENCE, "NEGATIVE") == [0.97, 0.97]


def test_the_length_is_in_characters_not_bytes() -> None:
    assert measure("😀é").observations(TEXT_LENGTH) == [2]


def test_a_document_that_failed_is_not_measured() -> None:
    metrics = measure("refused")

    assert not any(metrics.observations(metric, *labels) for metric in CATALOGUE for labels in metrics.labels(metric))


def test_a_feature_that_was_not_asked_for_is_not_measured() -> None:
    metrics = measure("Berlin is lovely", features=frozenset({Feature.KEY_PHRASES}))

    assert metrics.observations(TEXT_LENGTH) == [16]
    assert metrics.observations(ENTITIES_PER_TEXT) == []
    assert metrics.value(SENTIMENT_COUNT, "POSITIVE") == 0


def test_the_answers_are_those_of_the_inner_analyzer() -> None:
    documents = [Document("Berlin is lovely"), Document("refused"), Document("anything")]
    outcomes = asyncio.run(MeasuringAnalyzer(FAKE, RecordingMetrics()).analyze(documents, Options()))

    assert outcomes == asyncio.run(FAKE.analyze(documents, Options()))


def test_its_repr_nests() -> None:
    assert repr(MeasuringAnalyzer(FAKE, RecordingMetrics())) == "MeasuringAnalyzer(FakeAnalyzer())"
