"""``sentiment evaluate``."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from sentiment_core.evaluation import Evaluation, Sample


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--analyzer", type=click.Choice(["embedded", "comprehend"]), help="Instead of SENTIMENT_ANALYZER.")
@click.option("--languages", metavar="CODES", help="Only these, as in 'en,fr'; without it all twelve.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many texts of each task and language.")
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", show_default=True, help="Which texts.")
@click.option("--json", "report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write to FILE.")
def evaluate(
    data: Path, analyzer: str | None, languages: str | None, limit: int | None, split: str, report: Path | None
) -> None:
    """Measure an analyzer on the labelled texts of the folder DATA.

    Prints a row for each language and their mean, then the types of entities over all languages, and writes the same
    figures as JSON when asked. Comprehend is paid for by the text: give --limit. Exits with 1 when a text got no
    answer, which is scored as wrong.
    """
    from msgspec.structs import replace

    from entrypoints.cli.evaluation_view import render
    from entrypoints.cli.samples import samples_or_exit
    from entrypoints.cli.startup import settings_or_exit

    settings = settings_or_exit()
    samples = samples_or_exit(data, _codes(languages), split, limit)
    # Nobody else's answers are measured, and none that was given before.
    settings = replace(settings, analyzer=analyzer or settings.analyzer, fallback="off", cache="off")
    evaluation = asyncio.run(_run(settings, samples, split, limit))
    render(evaluation)
    if report:
        _write(evaluation, report)
    sys.exit(int(any(figures.failures for figures in evaluation.languages.values())))


def _codes(languages: str | None) -> list[str]:
    from sentiment_core.errors import UnsupportedLanguageError
    from sentiment_core.languages import LANGUAGES, normalize_language

    try:
        return [normalize_language(tag) for tag in languages.split(",")] if languages else list(LANGUAGES)
    except UnsupportedLanguageError as error:
        raise click.BadParameter(str(error), param_hint="--languages") from None


async def _run(settings: "Settings", samples: "list[Sample]", split: str, limit: int | None) -> "Evaluation":
    from entrypoints.cli.evaluation_view import progress_bar
    from entrypoints.container import build_container
    from sentiment_core.errors import AnalyzerUnavailableError
    from sentiment_core.evaluation import evaluate

    container = build_container(settings)
    analyzer = container.analyzer()
    try:
        await analyzer.ready()
        with progress_bar(sum(len(sample.texts) for sample in samples)) as advance:
            return await evaluate(
                samples,
                analyzer,
                container.detector(),
                split=split,
                limit=limit,
                clock=container.clock(),
                advance=advance,
            )
    except AnalyzerUnavailableError as error:
        raise click.ClickException(f"The {settings.analyzer} analyzer cannot answer: {error}") from None
    finally:
        await analyzer.aclose()


def _write(evaluation: "Evaluation", report: Path) -> None:
    import msgspec

    report.write_bytes(msgspec.json.format(msgspec.json.encode(evaluation), indent=2) + b"\n")
