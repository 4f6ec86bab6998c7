"""``sentiment evaluate``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sentiment_core.evaluation import Sample


def _spec(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """The value, when it names an analyzer."""
    from entrypoints.settings import check_analyzer

    if value is not None:
        try:
            check_analyzer(value)
        except ValueError as error:
            raise click.BadParameter(f"{value!r}: {error}") from None
    return value


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--analyzer",
    metavar="ANALYZER",
    callback=_spec,
    help="embedded, comprehend, models:/NAME@ALIAS or models:/NAME/VERSION, instead of SENTIMENT_ANALYZER.",
)
@click.option("--compare", metavar="ANALYZER", callback=_spec, help="Measure this one too, and say how they differ.")
@click.option("--languages", metavar="CODES", help="Only these, as in 'en,fr'; without it all twelve.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many texts of each task and language.")
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", show_default=True, help="Which texts.")
@click.option("--json", "report", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write to FILE.")
@click.option("--yes", is_flag=True, help="Do not ask before Amazon Comprehend costs money.")
@click.option(
    "--tracking/--no-tracking", default=True, help="Whether runs in MLflow are made of it.", show_default=True
)
def evaluate(
    data: Path,
    analyzer: str | None,
    compare: str | None,
    languages: str | None,
    limit: int | None,
    split: str,
    report: Path | None,
    yes: bool,
    tracking: bool,
) -> None:
    """Measure an analyzer on the labelled texts of the folder DATA.

    Prints a row for each language and their mean, then the classes of sentiment, the types of entities over all
    languages, and how long answers take. With --compare, prints for each figure how far the analyzer is above the
    other, with 95 % intervals. Writes the same as JSON when asked, and records it as a run in MLflow's experiment
    sentiment-evaluation.

    Amazon Comprehend is paid for by the text: what it will cost is asked about first. Exits with 1 when a text got no
    answer, which is scored as wrong.
    """
    import asyncio

    from entrypoints.cli.evaluation_run import EvaluationRun
    from entrypoints.cli.evaluation_view import render
    from entrypoints.cli.registry import pinned
    from entrypoints.cli.samples import dataset_or_exit, samples_or_exit
    from entrypoints.cli.startup import settings_or_exit

    settings = settings_or_exit()
    samples = samples_or_exit(data, _codes(languages), split, limit)
    specs = [pinned(spec) for spec in (analyzer or settings.analyzer, compare) if spec]
    _approve(specs, samples, yes=yes)
    run = EvaluationRun(samples, specs, split=split, limit=limit)
    asyncio.run(run.measure(settings))
    render(run.evaluations, run.comparison)
    if report:
        report.write_bytes(run.as_json())
    if tracking:
        run.record(settings, dataset_or_exit(data).digest())
    sys.exit(int(any(each.failures for found in run.evaluations for each in found.languages.values())))


def _codes(languages: str | None) -> list[str]:
    from sentiment_core.errors import UnsupportedLanguageError
    from sentiment_core.languages import LANGUAGES, normalize_language

    try:
        return [normalize_language(tag) for tag in languages.split(",")] if languages else list(LANGUAGES)
    except UnsupportedLanguageError as error:
        raise click.BadParameter(str(error), param_hint="--languages") from None


def _approve(specs: list[str], samples: "list[Sample]", *, yes: bool) -> None:
    """Ends the command when Comprehend is to be paid for and nobody says yes."""
    from entrypoints.cli.startup import is_terminal
    from sentiment_core.evaluation.latency import timed_documents
    from sentiment_core.models import Feature
    from sentiment_core.policies.cost import estimated_dollars

    texts = [text for sample in samples for text in sample.texts]
    texts += [document.text for document in timed_documents(samples)] * len(Feature)
    dollars = specs.count("comprehend") * estimated_dollars(texts)
    if not dollars or yes:
        return
    about = f"${max(0.01, dollars):,.2f}, for {len(texts):,} texts asked for one feature each"
    cost = f"Amazon Comprehend will cost about {about}."
    if not is_terminal():
        raise click.UsageError(f"{cost} Give --yes to spend that, or a --limit.")
    click.confirm(f"{cost} Go on?", abort=True, err=True)
