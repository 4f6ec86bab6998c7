"""``sentiment feedback``."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from sentiment_core.feedback.verdict import Feedback
    from sentiment_core.ports import FeedbackStore

T = TypeVar("T")


@click.group()
def feedback() -> None:
    """Show, export and delete what POST /feedback has kept in this service's data folder."""


@feedback.command()
def stats() -> None:
    """Show how often answers were right, by version and language."""
    from entrypoints.cli.tables import print_table
    from sentiment_core.feedback.accuracy import tally

    rows = [("ANALYZER", "VERSION", "LANGUAGE", "JUDGED", "RIGHT", "ACCURACY")]
    for each in tally(_with_store(_all)):
        counts = str(each.judged), str(each.right), f"{each.accuracy:.3f}"
        rows.append((each.analyzer, each.model_version, each.language, *counts))
    print_table(rows)


@feedback.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--training", is_flag=True, help="The texts that were sent along, as a folder for `sentiment train`.")
def export(target: Path, training: bool) -> None:
    """Write all verdicts to the file TARGET, as a JSON object a line.

    With --training TARGET is a folder in the layout of the training data, with the texts that callers let us keep.
    """
    verdicts = _with_store(_all)
    try:
        if training:
            _write_training_data(target, verdicts)
        else:
            _write_lines(target, verdicts)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}.") from None


@feedback.command()
@click.option("--id", "id_", help="Of the answer whose verdict is deleted.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Delete what was received before this day, in UTC.")
def delete(id_: str | None, before: datetime | None) -> None:
    """Delete one verdict, or all old ones, with their texts. What was exported stays."""
    if (id_ is None) == (before is None):
        raise click.UsageError("Give either --id or --before.")
    if before is not None:
        instant = before.replace(tzinfo=UTC).timestamp()
        click.echo(f"{_with_store(lambda store: store.delete_before(instant))} deleted.")
    elif not _with_store(lambda store: store.delete(str(id_))):
        raise click.ClickException("There is no verdict on the answer with that id.")


def _write_lines(target: Path, verdicts: "list[Feedback]") -> None:
    import msgspec

    target.write_bytes(b"".join(msgspec.json.encode(verdict) + b"\n" for verdict in verdicts))
    click.echo(f"{len(verdicts)} verdicts are in {target}.")


def _write_training_data(target: Path, verdicts: "list[Feedback]") -> None:
    from entrypoints.container import write_training_data
    from sentiment_core.feedback.training import training_examples

    examples = training_examples(verdicts)
    if not examples:
        raise click.ClickException("No caller has sent a text along with a verdict.")
    try:
        write_training_data(target, examples)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: `pip install '.[data]'` brings it.") from None
    click.echo(f"{sum(map(len, examples.values()))} texts are in {target}.")


def _with_store(use: "Callable[[FeedbackStore], Awaitable[T]]") -> T:
    import asyncio

    from entrypoints.cli.startup import settings_or_exit
    from entrypoints.container import feedback_store
    from sentiment_core.ports import FeedbackStoreError

    settings = settings_or_exit()

    async def run() -> T:
        store = feedback_store(settings)
        try:
            return await use(store)
        finally:
            await store.aclose()

    try:
        return asyncio.run(run())
    except FeedbackStoreError as error:
        raise click.ClickException(str(error)) from None


async def _all(store: "FeedbackStore") -> "list[Feedback]":
    found: list[Feedback] = []
    while page := await store.read(found[-1].id if found else ""):
        found += page
    return found
