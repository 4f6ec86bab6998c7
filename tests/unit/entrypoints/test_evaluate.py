import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from dependency_injector import providers

import entrypoints.container
from entrypoints.cli.evaluate import evaluate
from entrypoints.container import Container
from entrypoints.settings import Settings
from sentiment_core.errors import ThrottledError
from sentiment_core.models import SentimentType
from sentiment_core.testing import FakeAnalyzer, fake_analysis

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
def run(analyzer: FakeAnalyzer, data: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on the folder with the fake in the analyzers' place."""

    def build_container(settings: Settings) -> Container:
        container = Container(settings=settings)
        container.backend.override(providers.Object(analyzer))
        return container

    monkeypatch.setattr(entrypoints.container, "build_container", build_container)
    return lambda *options: CliRunner().invoke(evaluate, [str(data), *options])


def test_each_language_has_a_row_and_the_last_is_their_mean(run: Run) -> None:
    result = run()
    rows = [line.split() for line in result.stdout.replace("│", " ").splitlines()]

    assert result.exit_code == 0
    assert [row[1] for row in rows if row[:1] == ["en"]] == ["2"]
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
    result = run("--analyzer", "comprehend")

    assert "The comprehend analyzer cannot answer: No credentials: set AWS_PROFILE." in result.stderr
    assert (result.exit_code, analyzer.calls, analyzer.closed) == (1, [], True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--languages", "en,klingon"], "'klingon' is not supported"),
        (["--languages", "fr"], "no texts of split 'test' in fr"),
        (["--split", "dev"], "LANGUAGE.dev.parquet"),
        (["--limit", "0"], "0 is not in the range"),
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
