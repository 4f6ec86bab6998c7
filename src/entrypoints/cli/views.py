"""How an answer looks: JSON lines for programs, colours for people."""

import sys
from collections.abc import Callable

import msgspec
from rich.console import Console
from rich.text import Text

from sentiment_core.errors import AnalysisError
from sentiment_core.models import Analysis, EntityType, Outcome, Sentiment, SentimentType

SENTIMENT_STYLES = {
    SentimentType.POSITIVE: "bold green",
    SentimentType.NEGATIVE: "bold red",
    SentimentType.NEUTRAL: "bold blue",
    SentimentType.MIXED: "bold yellow",
}
ENTITY_STYLES = {
    EntityType.PERSON: "black on bright_cyan",
    EntityType.LOCATION: "black on bright_green",
    EntityType.ORGANIZATION: "black on bright_yellow",
    EntityType.DATE: "black on bright_magenta",
    EntityType.QUANTITY: "white on blue",
}
OTHER_ENTITY_STYLE = "black on white"

View = Callable[[str, Outcome], None]
"""Shows a text and what became of it."""

_console = Console(highlight=False)


def json_line(_: str, outcome: Outcome) -> None:
    """The answer as POST /analyze gives it, or the error, on one line."""
    value = (
        {"error": {"code": outcome.code, "message": str(outcome)}} if isinstance(outcome, AnalysisError) else outcome
    )
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def render(text: str, outcome: Outcome) -> None:
    """The answer for a person: the text with its entities marked, then what was found, aligned."""
    if isinstance(outcome, AnalysisError):
        _console.print(Text(text))
        _console.print(Text(f"  {outcome.code}: {outcome}\n", style="red"))
        return
    _console.print(marked(text, outcome))
    for name, value in rows(outcome):
        _console.print(Text(f"  {name:<12}", style="dim"), value, sep="")
    _console.print()


def marked(text: str, analysis: Analysis) -> Text:
    """The text with each entity in the colour of its type."""
    line = Text(text)
    for entity in analysis.entities or ():
        line.stylize(ENTITY_STYLES.get(entity.type, OTHER_ENTITY_STYLE), entity.begin, entity.end)
    return line


def rows(analysis: Analysis) -> list[tuple[str, Text]]:
    """(name, value) of everything that was found."""
    found: list[tuple[str, Text]] = []
    if analysis.sentiment:
        found.append(("sentiment", _sentiment(analysis.sentiment)))
    for entity in analysis.entities or ():
        style = ENTITY_STYLES.get(entity.type, OTHER_ENTITY_STYLE)
        label = Text(f" {entity.type.value} ", style=style)
        found.append(("entity", Text.assemble(f"{entity.score:.2f}  ", label, f" {entity.text}")))
    found += [("key phrase", Text(f"{phrase.score:.2f}  {phrase.text}")) for phrase in analysis.key_phrases or ()]
    found.append(("answered by", Text(f"{analysis.model_version}, language {analysis.language}", style="dim")))
    return found


def _sentiment(sentiment: Sentiment) -> Text:
    scores = sentiment.scores
    shares = f"  positive {scores.positive:.2f}, negative {scores.negative:.2f}, "
    shares += f"neutral {scores.neutral:.2f}, mixed {scores.mixed:.2f}"
    return Text.assemble((sentiment.sentiment.value, SENTIMENT_STYLES[sentiment.sentiment]), (shares, "dim"))
