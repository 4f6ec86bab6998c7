"""``sentiment analyze``."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from sentiment_core.models import Feature

FEATURES = "sentiment,entities,key_phrases"
CHUNK = 256
"""Texts analyzed at once: enough to fill batches, few enough that the first answers come at once."""


@click.command()
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--file", type=click.File("rb"), help="Analyze the lines of a file ('-' is standard input).")
@click.option("--whole", is_flag=True, help="Take the file or standard input as one text, not as a text a line.")
@click.option("-l", "--language", default="auto", show_default=True, help="Language of the texts: a code, or 'auto'.")
@click.option("--features", default=FEATURES, show_default=True, help="Which analyses to make.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, on a terminal as well.")
def analyze(
    texts: tuple[str, ...], file: BinaryIO | None, whole: bool, language: str, features: str, as_json: bool
) -> None:
    """Analyze texts: arguments, a file, or lines on standard input.

    On a terminal the entities are marked in the text. Piped, each answer is a JSON object on a line of its own, one
    for each text, in order: as POST /analyze answers, or {"error": {"code", "message"}}. Exits with 1 when a text
    could not be analyzed.
    """
    from entrypoints import open_analyzer
    from entrypoints.cli.startup import import_injector, settings_or_exit
    from entrypoints.cli.views import View, json_line, render
    from sentiment_core.blocking import BlockingAnalyzer
    from sentiment_core.errors import AnalysisError
    from sentiment_core.models import Document, Options

    options = Options(_features(features))
    source = _texts(texts, file, whole)
    show: View = json_line if as_json or not sys.stdout.isatty() else render
    failed = False
    import_injector()
    with BlockingAnalyzer(open_analyzer(settings_or_exit())) as analyzer:
        for chunk in _chunks(source):
            for text, outcome in zip(
                chunk, analyzer.analyze([Document(t, language) for t in chunk], options), strict=True
            ):
                failed |= isinstance(outcome, AnalysisError)
                show(text, outcome)
    sys.exit(int(failed))


def _features(names: str) -> "frozenset[Feature]":
    from sentiment_core.models import Feature

    try:
        return frozenset(Feature(name.strip().replace("-", "_")) for name in names.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{error}; known are {FEATURES}.", param_hint="--features") from None


def _texts(texts: Sequence[str], file: BinaryIO | None, whole: bool) -> Iterable[str]:
    if texts and file:
        raise click.UsageError("Give texts or --file, not both.")
    if texts:
        return texts
    if file is None and sys.stdin.isatty():
        raise click.UsageError("Give a text, --file, or lines on standard input.")
    stream = file or sys.stdin.buffer
    return [_decoded(stream.read())] if whole else (_decoded(line).rstrip("\r\n") for line in stream)


def _decoded(text: bytes) -> str:
    """A text that is not UTF-8 is refused in its place, as any other that is no text, and its neighbours are not."""
    return text.decode(errors="surrogateescape")


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
