"""``sentiment feedback``, in this process."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from entrypoints.cli import main
from entrypoints.container import dataset, feedback_store
from entrypoints.settings import Settings
from sentiment_core.examples import SentimentExample
from sentiment_core.feedback.verdict import Feedback
from sentiment_core.models import SentimentType
from sentiment_core.testing import FeedbackStoreContract

Command = Callable[..., Result]

RIGHT = FeedbackStoreContract.RIGHT
WRONG = replace(FeedbackStoreContract.WRONG, text="一點也不好")


@pytest.fixture
def feedback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs ``sentiment feedback`` on a store of the test's own, with an answer judged right and one judged wrong."""
    monkeypatch.setenv("SENTIMENT_DATA_DIR", str(tmp_path / "data"))
    keep(tmp_path, WRONG, RIGHT)
    return lambda *arguments: CliRunner().invoke(main, ["feedback", *map(str, arguments)])


def keep(folder: Path, *verdicts: Feedback) -> None:
    async def run() -> None:
        async with aclosing(feedback_store(Settings(data_dir=str(folder / "data")))) as store:
            for verdict in verdicts:
                await store.put(verdict)

    asyncio.run(run())


def test_stats_are_of_versions_and_languages(feedback: Command) -> None:
    lines = feedback("stats").stdout.splitlines()

    assert lines[0].split() == ["ANALYZER", "VERSION", "LANGUAGE", "JUDGED", "RIGHT", "ACCURACY"]
    assert [line.split() for line in lines[1:]] == [["sentiment", "sentiment/3", "zh-TW", "2", "1", "0.500"]]


def test_every_verdict_is_exported_as_a_line_of_json(feedback: Command, tmp_path: Path) -> None:
    result = feedback("export", tmp_path / "verdicts.jsonl")

    lines = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert result.exit_code == 0, result.output
    assert [line["id"] for line in lines] == [RIGHT.id, WRONG.id]
    assert (lines[1]["prediction"]["sentiment"], lines[1]["label"]) == ("POSITIVE", "NEGATIVE")
    assert [line["text"] for line in lines] == [None, WRONG.text]


def test_the_texts_that_were_sent_along_are_exported_as_training_data(feedback: Command, tmp_path: Path) -> None:
    result = feedback("export", "--training", tmp_path / "data set")

    exported = dataset(tmp_path / "data set")
    assert result.exit_code == 0, result.output
    assert exported.sentiment("zh-TW", "train") == [
        SentimentExample("一點也不好", SentimentType.NEGATIVE, "feedback", "unstated")
    ]
    assert list(exported.sentiment("en", "train")) == []
    assert list(exported.entities("zh-TW", "train")) == []


def test_a_text_with_two_labels_teaches_nothing_and_one_that_came_twice_is_there_once(
    feedback: Command, tmp_path: Path
) -> None:
    keep(
        tmp_path,
        replace(WRONG, id="2", label=SentimentType.MIXED),
        *(replace(RIGHT, id=id_, text="很好") for id_ in ("3", "4")),
    )

    feedback("export", "--training", tmp_path / "out")

    assert [each.text for each in dataset(tmp_path / "out").sentiment("zh-TW", "train")] == ["很好"]


def test_without_a_text_there_is_nothing_to_learn_from(feedback: Command, tmp_path: Path) -> None:
    feedback("delete", "--id", WRONG.id)

    result = feedback("export", "--training", tmp_path / "out")

    assert result.exit_code == 1
    assert "No caller has sent a text" in result.stderr


def test_one_verdict_is_deleted_by_the_answers_id(feedback: Command) -> None:
    assert feedback("delete", "--id", WRONG.id).exit_code == 0
    again = feedback("delete", "--id", WRONG.id)

    assert again.exit_code == 1
    assert "no verdict" in again.stderr
    assert "1.000" in feedback("stats").stdout


def test_old_verdicts_are_deleted_by_a_day(feedback: Command, tmp_path: Path) -> None:
    keep(tmp_path, replace(RIGHT, id="new", received=1_800_000_000.0))

    assert feedback("delete", "--before", "2027-01-15").stdout == "2 deleted.\n"  # 1,800,000,000 is that day's 08:00
    assert feedback("delete", "--before", "2027-01-16").stdout == "1 deleted.\n"


@pytest.mark.parametrize("arguments", [(), ("--id", "x", "--before", "2027-01-15")])
def test_what_is_to_be_deleted_has_to_be_said_once(feedback: Command, arguments: tuple[str, ...]) -> None:
    assert feedback("delete", *arguments).exit_code == 2


def test_a_broken_store_is_said(feedback: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / "feedback.db").write_bytes(b"no database at all" * 100)

    result = feedback("stats")

    assert result.exit_code == 1
    assert "feedback.db cannot be used" in result.stderr


def test_where_it_cannot_write_it_says_so(feedback: Command, tmp_path: Path) -> None:
    result = feedback("export", tmp_path / "nowhere" / "verdicts.jsonl")

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
