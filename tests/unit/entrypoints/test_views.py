import json

import pytest

from entrypoints.cli.views import json_line, marked, render, rows
from sentiment_core import Entity, EntityType, KeyPhrase, SentimentType, ThrottledError
from sentiment_core.testing import fake_analysis

TEXT = "Ana flew to Rome."
ANALYSIS = fake_analysis(
    SentimentType.POSITIVE,
    [Entity("Ana", EntityType.PERSON, 0.9, 0, 3), Entity("Rome", EntityType.LOCATION, 0.8, 12, 16)],
    [KeyPhrase("Rome", 0.7, 12, 16)],
)


def test_entities_are_marked_at_their_place_in_the_text() -> None:
    line = marked(TEXT, ANALYSIS)

    assert line.plain == TEXT
    assert [(span.start, span.end) for span in line.spans] == [(0, 3), (12, 16)]


def test_everything_found_has_a_row() -> None:
    assert [name for name, _ in rows(ANALYSIS)] == ["sentiment", "entity", "entity", "key phrase", "answered by"]


def test_a_text_with_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Square brackets are markup to the library that draws the view."""
    render("[bold]not markup[/bold]", fake_analysis())

    assert "[bold]not markup[/bold]" in capsys.readouterr().out


def test_a_failure_says_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    render(TEXT, ThrottledError("Slow down."))
    json_line(TEXT, ThrottledError("Slow down."))

    shown = capsys.readouterr().out
    assert "throttled: Slow down." in shown
    assert json.loads(shown.splitlines()[-1]) == {"error": {"code": "throttled", "message": "Slow down."}}
