import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from dependency_injector import providers

import entrypoints.cli.startup
import entrypoints.container
from entrypoints.cli.evaluate import evaluate
from entrypoints.container import Container
from entrypoints.settings import Settings
from sentiment_core.errors import ThrottledError
from sentiment_core.models import SentimentType
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry, InMemoryTracker, fake_analysis

TEXTS = {"The staff were wonderful.": "positive", "The food was terrible.": "negative"}

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder as the command takes it, with two English texts."""
    folder = tmp_path / "data"
    for task in ("sentiment", "entities", "phrases"):
        (folder / task).mkdir(parents=True)
    rows = [{"text": text, "label": label, "source": "mine", "lic": "open"} for text, label in TEXTS.items()]
    pq.write_table(pa.Table.from_pylist(rows), folder / "sentiment" / "en.test.parquet")  # type: ignore[attr-defined, no-untyped-call]
    (folder / "sources.json").write_text(json.dumps({"entities": {}}))
    return folder


@pytest.fixture
def analyzer() -> FakeAnalyzer:
    return FakeAnalyzer({text: fake_analysis(SentimentType(label.upper())) for text, label in TEXTS.items()})


@pytest.fixture
def other() -> FakeAnalyzer:
    """Takes everything for neutral."""
    return FakeAnalyzer(name="other", model_version="other-2")


@pytest.fixture
def tracker() -> InMemoryTracker:
    return InMemoryTracker()


@pytest.fixture
def run(
    analyzer: FakeAnalyzer,
    other: FakeAnalyzer,
    tracker: InMemoryTracker,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs the command on the folder with fakes in the analyzers' and the tracker's place."""

    def build_container(settings: Settings) -> Container:
        container = Container(settings=settings)
        chosen = other if settings.analyzer == "models:/other/2" else analyzer
        container.backend.override(providers.Object(chosen))
        return container

    def command_tracker(settings: Settings, experiment: str) -> InMemoryTracker | None:
        assert experiment == "sentiment-evaluation"
        return tracker if settings.tracking == "on" else None

    monkeypatch.setattr(entrypoints.container, "build_container", build_container)
    monkeypatch.setattr(entrypoints.container, "command_tracker", command_tracker)
    monkeypatch.setenv("SENTIMENT_DATA_DIR", str(tmp_path / "kept"))
    return lambda *options, **more: CliRunner().invoke(evaluate, [str(data), *options], **more)


def test_each_language_has_a_row_and_the_last_is_their_mean(run: Run) -> None:
    result = run()
    rows = [line.split() for line in result.stdout.replace("│", " ").splitlines()]

    assert result.exit_code == 0
    assert ["en", "2"] in [row[:2] for row in rows]
    assert [row[3] for row in rows if row[:1] == ["mean"]] == ["1.000"]


def test_the_figures_are_written_as_json(run: Run, tmp_path: Path) -> None:
    run("--json", str(tmp_path / "figures.json"))
    figures = json.loads((tmp_path / "figures.json").read_text())

    assert figures["languages"]["en"]["sentiment"]["macro_f1"] == 1
    assert figures["mean"]["language_accuracy"] == 1


def test_a_text_without_an_answer_is_said_and_ends_with_1(run: Run, analyzer: FakeAnalyzer) -> None:
    analyzer.script["The food was terrible."] = ThrottledError("Slow down.")
    result = run()

    assert "en: 1 texts got no answer (throttled)" in result.stdout
    assert result.exit_code == 1


def test_an_analyzer_that_cannot_answer_is_said_before_any_text_is_sent(run: Run, analyzer: FakeAnalyzer) -> None:
    analyzer.unready = "No credentials: set AWS_PROFILE."
    result = run("--analyzer", "comprehend", "--yes")

    assert "The comprehend analyzer cannot answer: No credentials: set AWS_PROFILE." in result.stderr
    assert (result.exit_code, analyzer.calls, analyzer.closed) == (1, [], True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--languages", "en,klingon"], "'klingon' is not supported"),
        (["--languages", "fr"], "no texts of split 'test' in fr"),
        (["--split", "dev"], "LANGUAGE.dev.parquet"),
        (["--limit", "0"], "0 is not in the range"),
        (["--analyzer", "klingon"], "expected embedded, comprehend, or a registered model"),
        (["--compare", "models:/mine"], "models:/NAME@ALIAS or models:/NAME/VERSION"),
    ],
)
def test_a_mistake_is_answered_with_what_to_do(run: Run, options: list[str], says: str) -> None:
    result = run(*options)

    assert says in " ".join(result.stderr.split())
    assert result.exit_code != 0


def test_a_folder_without_the_tasks_is_answered_with_what_it_should_hold(tmp_path: Path) -> None:
    result = CliRunner().invoke(evaluate, [str(tmp_path)])

    assert "sentiment/, entities/ and phrases/" in result.stderr
    assert result.exit_code == 1


def test_without_pyarrow_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("adapters.datasets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run()

    assert "pip install '.[data]'" in result.stderr
    assert result.exit_code == 1


def test_each_class_of_sentiment_has_its_f1_and_one_that_does_not_occur_has_none(run: Run) -> None:
    rows = [line.split() for line in run().stdout.replace("│", " ").splitlines()]

    assert ["en", "1.000", "1.000", "-"] in rows


def test_how_long_single_texts_take_is_printed(run: Run) -> None:
    assert "single texts, all features: half within" in run().stdout


def test_two_analyzers_are_compared_in_a_table_with_intervals_and_in_the_json(run: Run, tmp_path: Path) -> None:
    result = run("--compare", "models:/other/2", "--json", str(tmp_path / "figures.json"))
    report = json.loads((tmp_path / "figures.json").read_text())
    difference = report["comparison"]["languages"]["en"]["sentiment_macro_f1"]

    assert result.exit_code == 0
    assert "sentiment, macro-F1 of three classes" in result.stdout
    assert f"+1.000 [{difference['low']:+.3f}, {difference['high']:+.3f}]" in result.stdout
    assert (report["analyzer"], report["compared"]["model_version"]) == ("fake", "other-2")
    assert (report["comparison"]["first"], report["comparison"]["second"]) == ("other-2", "fake-1.0")
    assert difference["value"] == report["mean"]["sentiment_macro_f1"] == 1
    assert report["latency"]["texts"] == 1


def test_each_analyzer_is_a_run_and_the_first_ones_has_the_comparison(run: Run, tracker: InMemoryTracker) -> None:
    run("--compare", "models:/other/2", "--limit", "5", "--languages", "en")
    first, second = tracker.runs

    assert (first.name, second.name) == ("embedded fake-1.0", "models:/other/2 other-2")
    assert second.parameters["analyzer"] == "models:/other/2"
    assert first.parameters | {"data_sha256": ""} == {
        "analyzer": "embedded", "model_version": "fake-1.0", "split": "test", "limit": "5", "languages": "en",
        "data_sha256": "",
    }  # fmt: skip
    assert len(first.parameters["data_sha256"]) == 64
    assert first.figures[0]["difference_sentiment_macro_f1/mean"] == 1
    assert first.figures[0]["sentiment_macro_f1/en"] == 1
    assert "comparison.json" in first.files
    assert "comparison.json" not in second.files
    assert (first.ended, second.ended) == ("finished", "finished")


def test_an_alias_stands_for_the_version_that_it_names_at_the_start(
    run: Run, tracker: InMemoryTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = FakeModelRegistry()
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(b"{}")
    for _ in range(2):
        registry.register("other", folder, {})
    registry.set_alias("other", "champion", 2)
    monkeypatch.setattr(entrypoints.container, "model_registry", lambda _: registry)
    run("--analyzer", "models:/other@champion")

    assert tracker.runs[0].parameters["analyzer"] == "models:/other/2"
    assert "no such version of the model 'other'" in run("--analyzer", "models:/other@no-such").stderr


@pytest.mark.parametrize(("options", "variable"), [(["--no-tracking"], "on"), ([], "off")])
def test_tracking_can_be_switched_off(
    run: Run, tracker: InMemoryTracker, monkeypatch: pytest.MonkeyPatch, options: list[str], variable: str
) -> None:
    monkeypatch.setenv("SENTIMENT_TRACKING", variable)

    assert run(*options).exit_code == 0
    assert tracker.runs == []


def test_a_store_that_is_away_is_said_and_loses_nothing_of_the_evaluation(
    run: Run, tracker: InMemoryTracker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.away = True
    result = run("--json", str(tmp_path / "figures.json"))

    assert result.exit_code == 0
    assert json.loads((tmp_path / "figures.json").read_text())["mean"]["sentiment_macro_f1"] == 1
    assert "The tracking store is away" in caplog.text


def test_what_comprehend_costs_is_said_and_not_spent_where_nobody_can_be_asked(
    run: Run, analyzer: FakeAnalyzer
) -> None:
    """Two texts of three units for one feature, and one of them again for three to be timed: 15 units, $0.0015."""
    result = run("--analyzer", "comprehend")

    assert "about $0.01, for 5 texts asked for one feature each" in " ".join(result.stderr.split())
    assert "Give --yes" in result.stderr
    assert (result.exit_code, analyzer.calls) == (2, [])


@pytest.mark.parametrize(("answer", "calls"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked_before_comprehend_costs_money(
    run: Run, analyzer: FakeAnalyzer, monkeypatch: pytest.MonkeyPatch, answer: str, calls: bool
) -> None:
    monkeypatch.setattr(entrypoints.cli.startup, "is_terminal", lambda: True)
    result = run("--compare", "comprehend", input=answer)

    assert "Go on? [y/N]" in result.stderr
    assert bool(analyzer.calls) is calls


def test_what_is_free_is_not_asked_about(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrypoints.cli.startup, "is_terminal", lambda: True)

    assert "Go on?" not in run().output
