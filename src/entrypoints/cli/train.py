"""``sentiment train``."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from sentiment_core.ports import Trainer

_LICENCES = ("open", "sharealike", "unstated", "noncommercial", "research")


def _classes(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """The licence classes of a list with commas."""
    classes = tuple(name.strip() for name in value.split(","))
    if unknown := set(classes) - set(_LICENCES):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: not among {', '.join(_LICENCES)}")
    return classes


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the model goes.")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="For the deep part; turned once into a recorded number of steps. The rest takes some 10 more.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Those of the deep part before its last phase, or of each last phase with --from, instead of --minutes.",
)
@click.option("--size", type=click.Choice(["small", "base"]), default="base", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--licences",
    callback=_classes,
    default="open,sharealike,unstated",
    show_default=True,
    help="Classes of licence, as sources.json has them, whose rows are used.",
)
@click.option(
    "--from",
    "base",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a model whose pieces and deep part are taken, so that only the last phase is left to train.",
)
@click.option("--resume/--no-resume", default=True, help="Go on where a run in OUTPUT stopped, or begin anew.")
@click.option("--tracking/--no-tracking", default=True, help="Whether it is a run in MLflow.", show_default=True)
def train(
    data: Path,
    output: Path,
    minutes: float,
    steps: int | None,
    size: Literal["small", "base"],
    seed: int,
    licences: tuple[str, ...],
    base: Path | None,
    resume: bool,
    tracking: bool,
) -> None:
    """Train the embedded model on the labelled texts of the folder DATA.

    Writes OUTPUT/model: graph, tokenizer, manifest, figures on the test split, reference for drift, and model card. A
    run that was stopped, or killed, goes on from its last checkpoint when it is started again.

    Meanwhile it is a run in MLflow's experiment sentiment-training, unless --no-tracking or SENTIMENT_TRACKING=off:
    with all that it was made of, learning curves, figures, and the finished model.
    """
    from msgspec.structs import replace

    from entrypoints.cli.startup import settings_or_exit
    from sentiment_core.examples import DatasetError
    from sentiment_core.training import TrainingError, TrainingRequest

    settings = settings_or_exit()
    request = TrainingRequest(size, minutes, steps, seed, licences, resume, base)
    try:
        model = _trainer(settings if tracking else replace(settings, tracking="off")).train(data, output, request)
    except (DatasetError, TrainingError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The model is {model}; MODEL_CARD.md in it says how good it is.")


def _trainer(settings: "Settings") -> "Trainer":
    from entrypoints.container import trainer

    try:
        return trainer(settings)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: `pip install '.[train]'` brings it.") from None
