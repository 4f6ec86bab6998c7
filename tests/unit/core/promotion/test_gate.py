"""Each rule of the gate, kept and broken; what a report says, as JSON and as text."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random

import msgspec
import pytest

from sentiment_core.evaluation import Latency, load_samples
from sentiment_core.examples import EntityExample, EntitySpan, KeyPhraseExample, SentimentExample
from sentiment_core.models import Entity, EntityType, KeyPhrase, Outcome, SentimentType
from sentiment_core.probing import GOLDEN
from sentiment_core.promotion import (
    Budgets,
    Candidate,
    GateReport,
    Measured,
    folder_bytes,
    judge,
    measure,
    report_text,
)
from sentiment_core.testing import FakeAnalyzer, ManualClock, fake_analysis
from sentiment_core.testing.datasets import InMemoryDataset
from tests.unit.core.evaluation.test_run import ScriptedDetector

POSITIVE, NEGATIVE, *_ = SentimentType
TEXTS = 40
NAMES = ("sentiment", "entities", "key_phrases")


def text(task: str, language: str, number: int) -> str:
    return f"{task} {language} {number}"


def dataset() -> InMemoryDataset:
    """Texts of all tasks in two languages: each is annotated positive, or is all one entity, or one key phrase."""
    keys = [("en", "test"), ("ja", "test")]
    return InMemoryDataset(
        {
            key: [
                SentimentExample(text("sentiment", key[0], number), [POSITIVE, NEGATIVE][number % 2], "a", "open")
                for number in range(TEXTS)
            ]
            for key in keys
        },
        {
            key: [
                EntityExample(
                    found, (EntitySpan(0, len(found), EntityType.TITLE),), frozenset({EntityType.TITLE}), "a", "open"
                )
                for found in (text("entities", key[0], number) for number in range(TEXTS))
            ]
            for key in keys
        },
        {
            key: [
                KeyPhraseExample(found, ((0, len(found)),), "a", "open")
                for found in (text("key_phrases", key[0], number) for number in range(TEXTS))
            ]
            for key in keys
        },
    )


def analyzer(version: str, wrong: Mapping[tuple[str, str], int], golden: SentimentType | None = None) -> FakeAnalyzer:
    """Right about all texts but so many of a task and language; ``golden`` is its answer to all golden texts."""
    script: dict[str, Outcome] = {document.text: fake_analysis(golden or label) for document, label in GOLDEN.items()}
    for task in NAMES:
        for language in ("en", "ja"):
            for number in range(wrong.get((task, language), 0), TEXTS):
                found = text(task, language, number)
                script[found] = fake_analysis(
                    [POSITIVE, NEGATIVE][number % 2],
                    [Entity(found, EntityType.TITLE, 0.9, 0, len(found))],
                    [KeyPhrase(found, 0.9, 0, len(found))],
                )
    return FakeAnalyzer(script, model_version=version)


def measured(*analyzers: FakeAnalyzer) -> list[Measured]:
    samples = load_samples(dataset(), ["en", "ja"], "test")
    candidates = [Candidate(each, 20_000_000) for each in analyzers]
    work = measure(candidates, samples, ScriptedDetector(), split="test", limit=None, clock=ManualClock())
    return asyncio.run(work)


def report(
    challenger: FakeAnalyzer, champion: FakeAnalyzer | None = None, budgets: Budgets | None = None
) -> GateReport:
    found = measured(challenger, champion) if champion else measured(challenger)
    return judge(*found, budgets=budgets or Budgets(), random=Random(1), resamples=500)


def test_a_challenger_that_answers_like_the_champion_passes() -> None:
    wrong = {("sentiment", "ja"): 7, ("entities", "en"): 9}
    found = report(analyzer("new", wrong), analyzer("old", wrong))

    assert (found.passed, found.reasons) == (True, [])
    assert [rule.name for rule in found.rules] == [
        "golden texts", "latency", "size", "slowdown", "mean", "en", "ja"
    ]  # fmt: skip


def test_a_better_challenger_passes() -> None:
    assert report(analyzer("new", {}), analyzer("old", {("sentiment", "en"): 30})).passed


@pytest.mark.parametrize("task", NAMES)
def test_a_challenger_that_is_worse_at_one_task_in_one_language_is_refused_with_figure_and_language(task: str) -> None:
    found = report(analyzer("new", {(task, "ja"): 20}), analyzer("old", {}))

    [of_mean, of_language] = found.reasons
    assert not found.passed
    assert of_mean.startswith(f"mean: {task}")
    assert of_language.startswith(f"ja: {task}")
    assert "corrected" in of_language


def test_a_text_without_an_answer_counts_as_a_wrong_one() -> None:
    challenger = analyzer("new", {})
    mute = {text("sentiment", "en", number) for number in range(20)}
    challenger.script = {key: value for key, value in challenger.script.items() if key not in mute}

    assert any(reason.startswith("en: sentiment") for reason in report(challenger, analyzer("old", {})).reasons)


def test_one_golden_text_wrong_refuses_it_and_the_report_names_text_and_answer() -> None:
    found = report(analyzer("new", {}, golden=NEGATIVE))

    assert found.reasons == ["golden texts: 'The staff were wonderful.' is NEGATIVE, not POSITIVE"]


def test_golden_texts_of_languages_that_are_not_compared_are_not_asked() -> None:
    challenger = analyzer("new", {})
    measured(challenger)
    asked = {document for documents, _ in challenger.calls for document in documents}

    assert {document for document in asked if document in GOLDEN} == {
        document for document in GOLDEN if document.language in ("en", "ja")
    }


@pytest.mark.parametrize(
    ("budgets", "says"),
    [
        (Budgets(bytes=19_999_999), "size: the model has 20.0 MB; 20.0 MB are allowed"),
        (Budgets(p99_seconds=0.1), "latency: 99 % of single texts take at most 200.0 ms; 100.0 ms are allowed"),
        (Budgets(slowdown=1.9), "slowdown: a text takes 40.0 ms, the champion 20.0 ms (medians)"),
    ],
)
def test_a_budget_that_is_exceeded_refuses_it(budgets: Budgets, says: str) -> None:
    challenger, champion = measured(analyzer("new", {}), analyzer("old", {}))
    slow = msgspec.structs.replace(challenger, latency=Latency(300, 0.04, 0.2))
    usual = msgspec.structs.replace(champion, latency=Latency(300, 0.02, 0.1))

    generous = Budgets(p99_seconds=1, slowdown=2, bytes=20_000_000)
    wanted = msgspec.structs.replace(
        generous, **{name: value for name, value in msgspec.structs.asdict(budgets).items()
                     if value != getattr(Budgets(), name)}
    )  # fmt: skip
    assert judge(slow, usual, budgets=generous, random=Random(1), resamples=100).passed
    [reason] = judge(slow, usual, budgets=wanted, random=Random(1), resamples=100).reasons
    assert reason.startswith(says)


def test_without_a_champion_budgets_and_golden_texts_decide() -> None:
    found = report(analyzer("first", {("sentiment", "en"): TEXTS}))

    assert found.passed
    assert [rule.name for rule in found.rules] == ["golden texts", "latency", "size"]
    assert found.comparison is None


def test_one_seed_gives_one_report_and_json_brings_all_of_it_back() -> None:
    sides = analyzer("new", {("sentiment", "ja"): 5}), analyzer("old", {("sentiment", "ja"): 2})
    found = report(*sides)

    assert found == report(*sides)
    assert msgspec.json.decode(msgspec.json.encode(found), type=GateReport) == found


def test_the_text_says_the_verdict_each_rule_and_each_difference() -> None:
    lines = report_text(report(analyzer("new", {("sentiment", "ja"): 20}), analyzer("old", {}))).splitlines()

    assert lines[0] == "new in place of old: refused"
    assert "  ok  size          the model has 20.0 MB; 250.0 MB are allowed" in lines
    assert any(line.startswith("  NO  ja            sentiment_macro_f1 is 0.") for line in lines)
    [japanese] = [line for line in lines if line.startswith("  ja ")]
    assert japanese.count("[") == 3


def test_the_size_of_a_folder_is_that_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "model.onnx").write_bytes(b"123")
    (tmp_path / "inner" / "tokenizer.json").write_bytes(b"45")

    assert folder_bytes(tmp_path) == 5
