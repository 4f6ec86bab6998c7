"""What a tracker is told of an evaluation."""

import asyncio
from random import Random
from xml.etree import ElementTree

import msgspec

from sentiment_core.evaluation import Evaluation, Latency, compare, examine, load_samples
from sentiment_core.evaluation.recording import difference_figures, record_evaluation, run_figures
from sentiment_core.models import SentimentType
from sentiment_core.testing import FakeAnalyzer, InMemoryTracker, ManualClock
from tests.unit.core.evaluation.test_run import DATASET, SCRIPT, ScriptedDetector, run

SVG = "{http://www.w3.org/2000/svg}"


def evaluation() -> Evaluation:
    return run(DATASET, FakeAnalyzer(SCRIPT))


def test_figures_are_named_by_what_they_are_and_the_language() -> None:
    measured = msgspec.structs.replace(evaluation(), latency=Latency(300, 0.02, 0.5))
    figures = run_figures(measured)

    assert figures["sentiment_macro_f1/en"] == measured.languages["en"].sentiment.macro_f1  # type: ignore[union-attr]
    assert figures["sentiment_macro_f1/mean"] == measured.mean.sentiment_macro_f1
    assert figures["positive_f1/en"] == measured.languages["en"].sentiment.class_f1[SentimentType.POSITIVE]  # type: ignore[union-attr]
    assert figures["entity_f1/PERSON"] == 1
    assert figures["failures/en"] == 0
    assert (figures["latency_seconds/p50"], figures["latency_seconds/p99"]) == (0.02, 0.5)
    assert "entities_f1/fr" not in figures


def test_a_run_keeps_the_figures_the_whole_evaluation_and_a_drawing_of_each_language() -> None:
    tracker = InMemoryTracker()
    tracker.start("evaluate", {})
    record_evaluation(tracker, evaluation())
    [recorded] = tracker.runs

    assert recorded.figures == {0: run_figures(evaluation())}
    assert msgspec.json.decode(recorded.files["evaluation.json"], type=Evaluation) == evaluation()
    assert recorded.files.keys() == {
        "evaluation.json", "calibration.svg", "confusion/all.svg", "confusion/en.svg", "confusion/fr.svg"
    }  # fmt: skip


def test_a_drawing_has_a_cell_for_each_pair_of_classes_with_its_share_and_number() -> None:
    tracker = InMemoryTracker()
    tracker.start("evaluate", {})
    record_evaluation(tracker, evaluation())
    drawing = ElementTree.fromstring(tracker.runs[0].files["confusion/en.svg"])
    texts = [each.text for each in drawing.iter(f"{SVG}text")]

    assert len(list(drawing.iter(f"{SVG}rect"))) == 1 + 16
    assert texts.count("100%") == 4, "of neutral texts all are answered positive, of the others all are right"
    assert texts.count("1") == 4


def test_differences_have_the_names_of_the_figures() -> None:
    samples = load_samples(DATASET, ["en", "fr"], "test")

    def examined(analyzer: FakeAnalyzer) -> object:
        work = examine(samples, analyzer, ScriptedDetector(), split="test", limit=None, clock=ManualClock())
        return asyncio.run(work).texts

    comparison = compare(examined(FakeAnalyzer()), examined(FakeAnalyzer(SCRIPT)), Random(1), resamples=10)  # type: ignore[arg-type]

    assert difference_figures(comparison).keys() == {
        "difference_sentiment_macro_f1/mean", "difference_sentiment_macro_f1/en", "difference_sentiment_macro_f1/fr",
        "difference_entities_f1/mean", "difference_entities_f1/en",
        "difference_key_phrases_f1/mean", "difference_key_phrases_f1/en",
    }  # fmt: skip
    assert difference_figures(comparison)["difference_key_phrases_f1/en"] == 1
