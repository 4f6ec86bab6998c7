import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from sentiment_core.errors import ThrottledError, UnsupportedLanguageError
from sentiment_core.evaluation import Evaluation, Headline, examine, headline, load_samples
from sentiment_core.evaluation.run import CHUNK
from sentiment_core.evaluation.spans import SpanCounts
from sentiment_core.examples import DatasetError, EntityExample, EntitySpan, KeyPhraseExample, SentimentExample
from sentiment_core.models import Entity, EntityType, Feature, KeyPhrase, Outcome, SentimentType
from sentiment_core.testing import FakeAnalyzer, ManualClock, fake_analysis
from sentiment_core.testing.datasets import InMemoryDataset

POSITIVE, NEGATIVE, NEUTRAL, MIXED = SentimentType
PERSON, LOCATION, DATE = EntityType.PERSON, EntityType.LOCATION, EntityType.DATE


class ScriptedDetector:
    """Finds French in texts that start with 'Le', refuses Dutch, and takes the rest for English."""

    def detect(self, text: str) -> str:
        if text.startswith("Het"):
            raise UnsupportedLanguageError("Dutch.")
        return "fr" if text.startswith("Le") else "en"


def sentiment(text: str, label: SentimentType) -> SentimentExample:
    return SentimentExample(text, label, "source", "open")


ROME = EntityExample("Maria is in Rome", (EntitySpan(0, 5, PERSON),), frozenset({PERSON}), "source", "open")
OSLO = EntityExample("Oslo", (EntitySpan(0, 4, LOCATION),), frozenset({PERSON, LOCATION}), "source", "open")
HOTEL = KeyPhraseExample("the hotel", ((0, 9),), "source", "open")

SENTIMENTS = [sentiment("good", POSITIVE), sentiment("bad", NEGATIVE), sentiment("so", NEUTRAL), sentiment("?", MIXED)]

DATASET = InMemoryDataset(
    sentiment={("en", "test"): SENTIMENTS, ("fr", "test"): [sentiment("Le repas était très bon.", POSITIVE)]},
    entities={("en", "test"): [ROME, OSLO]},
    key_phrases={("en", "test"): [HOTEL]},
)

SCRIPT: dict[str, Outcome] = {
    "good": fake_analysis(POSITIVE),
    "bad": fake_analysis(NEGATIVE),
    "so": fake_analysis(POSITIVE),
    "?": fake_analysis(MIXED),
    ROME.text: fake_analysis(
        entities=[Entity("Maria", PERSON, 0.9, 0, 5), Entity("Rome", LOCATION, 0.9, 12, 16)],
    ),
    HOTEL.text: fake_analysis(key_phrases=[KeyPhrase("the hotel", 0.9, 0, 9)]),
}


def run(
    dataset: InMemoryDataset, analyzer: FakeAnalyzer, languages: Sequence[str] = ("en", "fr"), limit: int | None = None
) -> Evaluation:
    samples = load_samples(dataset, languages, "test", limit)
    work = examine(samples, analyzer, ScriptedDetector(), split="test", limit=limit, clock=ManualClock())
    return asyncio.run(work).figures


def test_sentiment_is_scored_over_three_classes_without_mixed_texts_and_over_the_four_served() -> None:
    """Without '?': POSITIVE has F1 2/3, NEGATIVE 1, NEUTRAL 0. With it 3 of 4 are right, each at 0.97."""
    figures = run(DATASET, FakeAnalyzer(SCRIPT)).languages["en"].sentiment

    assert figures is not None
    assert figures.texts == 4
    assert figures.class_f1 == pytest.approx({POSITIVE: 2 / 3, NEGATIVE: 1, NEUTRAL: 0})
    assert figures.macro_f1 == pytest.approx(5 / 9)
    assert figures.accuracy == 3 / 4
    assert figures.calibration_error == pytest.approx(0.97 - 0.75)


def test_entities_are_scored_over_the_types_that_a_source_covers() -> None:
    """Rome is predicted where LOCATION is not covered, so it is left out; Oslo is missed."""
    evaluation = run(DATASET, FakeAnalyzer(SCRIPT))
    figures = evaluation.languages["en"]

    assert figures.entities is not None
    assert (figures.entities.texts, figures.entities.gold, figures.entities.predicted, figures.entities.exact) == (
        2,
        2,
        1,
        1,
    )
    assert figures.entities.f1 == pytest.approx(2 / 3)
    assert {kind: each.texts for kind, each in figures.entity_types.items()} == {PERSON: 2, LOCATION: 1}
    assert evaluation.entity_types == figures.entity_types


def test_key_phrases_are_scored_by_their_spans() -> None:
    figures = run(DATASET, FakeAnalyzer(SCRIPT)).languages["en"].key_phrases

    assert figures is not None
    assert (figures.texts, figures.f1) == (1, 1)


def test_detection_is_scored_over_texts_of_twenty_characters_and_a_refusal_is_wrong() -> None:
    long = [sentiment(text, NEUTRAL) for text in ("Le train est parti hier.", "Het eten was heerlijk.", "Le bus")]

    figures = run(InMemoryDataset({("fr", "test"): long}), FakeAnalyzer()).languages["fr"].detection

    assert figures is not None
    assert (figures.texts, figures.accuracy) == (2, 0.5)


def test_a_task_without_texts_has_no_figures_and_the_mean_is_over_languages_that_have_them() -> None:
    evaluation = run(DATASET, FakeAnalyzer({**SCRIPT, "Le repas était très bon.": fake_analysis(POSITIVE)}))
    french = evaluation.languages["fr"]

    assert (french.entities, french.key_phrases, french.entity_types) == (None, None, {})
    assert evaluation.mean.sentiment_macro_f1 == pytest.approx((5 / 9 + 1) / 2)
    assert evaluation.mean.entities_f1 == headline(evaluation.languages["en"]).entities_f1
    assert evaluation.mean.texts == (7 + 1) / 2


def test_a_text_that_fails_is_counted_by_its_code_and_scored_as_wrong() -> None:
    figures = run(DATASET, FakeAnalyzer({**SCRIPT, "good": ThrottledError("Slow down.")}), ["en"]).languages["en"]

    assert figures.failures == {"throttled": 1}
    assert figures.sentiment is not None
    assert figures.sentiment.accuracy == 2 / 4


def test_an_analyzer_is_asked_only_for_the_feature_that_is_scored_and_in_chunks() -> None:
    texts = [sentiment(str(number), NEUTRAL) for number in range(CHUNK + 1)]
    analyzer = FakeAnalyzer()

    run(InMemoryDataset({("en", "test"): texts}), analyzer)

    assert [len(documents) for documents, _ in analyzer.calls] == [CHUNK, 1]
    assert {options.features for _, options in analyzer.calls} == {frozenset({Feature.SENTIMENT})}


def test_the_rate_counts_the_time_that_the_analyzer_takes() -> None:
    clock = ManualClock()

    async def half_a_second() -> None:
        clock.advance(0.5)

    samples = load_samples(DATASET, ["en"], "test")
    work = examine(
        samples,
        FakeAnalyzer(SCRIPT, before=half_a_second),
        ScriptedDetector(),
        split="test",
        limit=None,
        clock=clock,
    )

    assert asyncio.run(work).figures.languages["en"].texts_per_second == pytest.approx(7 / 1.5)


def test_progress_adds_up_to_all_texts() -> None:
    done: list[int] = []
    samples = load_samples(DATASET, ["en", "fr"], "test")
    work = examine(
        samples,
        FakeAnalyzer(SCRIPT),
        ScriptedDetector(),
        split="test",
        limit=None,
        clock=ManualClock(),
        advance=done.append,
    )
    asyncio.run(work)

    assert sum(done) == 8


def test_the_confusion_counts_annotated_against_served_classes_and_leaves_failures_out() -> None:
    script = {**SCRIPT, "bad": ThrottledError("Slow down.")}
    figures = run(DATASET, FakeAnalyzer(script), ["en"]).languages["en"].sentiment

    assert figures is not None
    assert figures.confusion == {
        POSITIVE: {POSITIVE: 1}, NEGATIVE: {}, NEUTRAL: {POSITIVE: 1}, MIXED: {MIXED: 1}
    }  # fmt: skip


def test_an_examination_has_the_figures_and_what_became_of_each_text() -> None:
    """Rome is predicted of a type that its source does not cover, and does not count."""
    analyzer = FakeAnalyzer({**SCRIPT, "bad": ThrottledError("Slow down.")})
    samples = load_samples(DATASET, ["en"], "test")
    work = examine(samples, analyzer, ScriptedDetector(), split="test", limit=None, clock=ManualClock())
    examination = asyncio.run(work)
    texts = examination.texts["en"]

    assert examination.figures.languages["en"].failures == {"throttled": 1}
    assert texts.sentiment == [(POSITIVE, POSITIVE), (NEGATIVE, None), (NEUTRAL, POSITIVE)]
    assert texts.entities == [SpanCounts(1, 1, 1, 1), SpanCounts(1, 1, 0, 0)]
    assert texts.key_phrases == [SpanCounts(1, 1, 1, 1)]


def test_a_limit_takes_texts_at_even_distances() -> None:
    texts = [sentiment(str(number), NEUTRAL) for number in range(10)]
    [sample] = load_samples(InMemoryDataset({("en", "test"): texts}), ["en"], "test", limit=3)

    assert sample.texts == ["0", "3", "6"]


def test_no_texts_at_all_is_an_error_that_names_the_split() -> None:
    with pytest.raises(DatasetError, match="no texts of split 'dev' in en, fr"):
        load_samples(DATASET, ["en", "fr"], "dev")


def test_the_json_layout_is_the_documented_one() -> None:
    evaluation = msgspec.to_builtins(run(DATASET, FakeAnalyzer(SCRIPT), ["en"]))

    assert set(evaluation) == {
        "analyzer", "model_version", "split", "limit", "mean", "entity_types", "languages", "latency"
    }  # fmt: skip
    assert set(evaluation["mean"]) == set(Headline.__struct_fields__)
    assert set(evaluation["languages"]["en"]) == {
        "texts", "texts_per_second", "sentiment", "entities", "entity_types", "key_phrases", "detection", "failures"
    }  # fmt: skip
    assert set(evaluation["entity_types"]["PERSON"]) == {
        "texts", "gold", "predicted", "exact", "precision", "recall", "f1"
    }  # fmt: skip
    assert msgspec.convert(evaluation, Evaluation).split == "test"
