import json

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import main
from entrypoints.container import build_container
from entrypoints.settings import Settings
from sentiment_core import SentimentType, ThrottledError
from sentiment_core.testing import FakeAnalyzer, fake_analysis


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeAnalyzer:
    double = FakeAnalyzer({"good": fake_analysis(SentimentType.POSITIVE), "bad": ThrottledError("Slow down.")})
    monkeypatch.setattr("entrypoints.open_analyzer", lambda _: double)
    return double


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["analyze", *arguments], input=stdin)


def test_arguments_are_texts(fake: FakeAnalyzer) -> None:
    result = run("good", "other", "-l", "en")

    assert [json.loads(line)["sentiment"]["sentiment"] for line in result.stdout.splitlines()] == [
        "POSITIVE",
        "NEUTRAL",
    ]
    assert result.exit_code == 0
    assert fake.closed


def test_each_line_of_standard_input_is_a_text_and_a_failure_does_not_stop_the_others(fake: FakeAnalyzer) -> None:
    result = run("-l", "en", stdin="good\nbad\r\ngood")

    assert ["error" in json.loads(line) for line in result.stdout.splitlines()] == [False, True, False]
    assert result.exit_code == 1


def test_a_whole_input_is_one_text(fake: FakeAnalyzer) -> None:
    run("--whole", "-l", "en", stdin="one\ntwo\n")

    assert [document.text for document in fake.calls[0][0]] == ["one\ntwo\n"]


def test_lines_are_analyzed_in_chunks_so_that_any_number_of_them_fits_in_memory(fake: FakeAnalyzer) -> None:
    result = run("-l", "en", stdin="good\n" * 600)

    assert [len(documents) for documents, _ in fake.calls] == [256, 256, 88]
    assert len(result.stdout.splitlines()) == 600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--features", "sentiment,mood", "good"], "known are sentiment,entities,key_phrases"),
        (["--file", "missing.txt"], "missing.txt"),
        (["--file", "-", "good"], "not both"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(fake: FakeAnalyzer, arguments: list[str], says: str) -> None:
    result = run(*arguments)

    assert says in result.output
    assert result.exit_code in {1, 2}
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_only_the_features_asked_for_are_answered(fake: FakeAnalyzer) -> None:
    [line] = run("--features", "key-phrases", "-l", "en", "good").stdout.splitlines()

    assert json.loads(line)["sentiment"] is None
    assert json.loads(line)["key_phrases"] == []


def test_a_line_that_is_not_utf_8_is_a_failure_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The failure itself is the door's, so here the whole chain answers."""
    container = build_container(Settings())
    container.backend.override(FakeAnalyzer())
    monkeypatch.setattr("entrypoints.open_analyzer", lambda _: container.analyzer())

    result = run("-l", "en", stdin=b"good\ncaf\xe9\ngood\n")

    codes = [json.loads(line).get("error", {}).get("code") for line in result.stdout.splitlines()]
    assert codes == [None, "invalid_text", None]


def test_a_setting_that_turns_out_to_be_wrong_when_it_is_used_ends_the_command_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SENTIMENT_FEEDBACK_KEY", "short")

    result = run("Fine.")

    assert result.exit_code == 1
    assert "SENTIMENT_FEEDBACK_KEY" in result.stderr
    assert "Traceback" not in result.stderr
