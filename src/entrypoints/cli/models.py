"""``sentiment models``."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sentiment_core.registry import ModelReference


def _reference(_: click.Context, __: click.Parameter, uri: str) -> "ModelReference":
    from sentiment_core.registry import ModelReference

    try:
        return ModelReference.parse(uri)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _name(context: click.Context, parameter: click.Parameter, name: str) -> str:
    return _reference(context, parameter, f"models:/{name}/1").name


def _alias(context: click.Context, parameter: click.Parameter, alias: str | None) -> str:
    from sentiment_core.registry import CHALLENGER, CHAMPION, PREVIOUS

    if alias is None:
        return CHALLENGER
    if alias in (CHAMPION, PREVIOUS):
        raise click.BadParameter(f"`sentiment models promote` moves {alias}, if the gate lets it.")
    return str(_reference(context, parameter, f"models:/model@{alias}").target)


name_option = click.option("--name", default="sentiment", show_default=True, callback=_name, help="Of the model.")
folder = click.Path(file_okay=False, path_type=Path)
folder_that_is_there = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def models() -> None:
    """Register models in MLflow, and say which of them is served.

    A service whose SENTIMENT_ANALYZER is models:/sentiment@champion follows what is said here.
    """


@models.command("list")
@name_option
def list_(name: str) -> None:
    """Show all versions, the newest first."""
    from entrypoints.cli.registry import registry_or_exit
    from entrypoints.cli.tables import date, print_table

    with registry_or_exit() as (_, registry):
        versions = registry.versions(name)
    rows = [("VERSION", "ALIASES", "CREATED", "MODEL", "GATE")]
    for version in versions:
        aliases = ",".join(sorted(version.aliases)) or "-"
        model, gate = (version.tags.get(tag, "-") for tag in ("model_version", "gate"))
        rows.append((str(version), aliases, date(version.created), model, gate))
    print_table(rows)


@models.command()
@click.argument("folder", type=folder_that_is_there)
@name_option
@click.option("--alias", callback=_alias, help="That it has from now on; challenger where none is given.")
@click.option("--run", "run_id", metavar="ID", help="MLflow's run that made it, in place of one for its registration.")
def register(folder: Path, name: str, alias: str, run_id: str | None) -> None:
    """Register the model in FOLDER.

    That is what `sentiment train` writes, or a Hugging Face export: model.onnx, tokenizer.json and config.json. The
    manifest gets the SHA-256 of every file, and is signed when SENTIMENT_MODEL_KEY is set. Code and pickles in FOLDER
    are left behind.
    """
    from entrypoints.cli.registry import registry_or_exit
    from entrypoints.settings import model_key
    from sentiment_core.model_folder import stage

    with registry_or_exit() as (settings, registry), tempfile.TemporaryDirectory() as beside:
        staged = stage(folder, Path(beside, "model"), model_key(settings))
        tags = {"model_version": staged.named.model_version}
        version = registry.register(name, staged.path, tags, run_id=run_id)
        registry.set_alias(name, alias, version.number)
    click.echo(f"{version} is registered, as {alias}.")


@models.command()
@click.argument("data", type=folder_that_is_there)
@name_option
@click.option("--version", "number", type=click.IntRange(min=1), help="Instead of the challenger.")
@click.option("--split", type=click.Choice(["dev", "test"]), default="test", show_default=True, help="Which texts.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many texts of each task and language.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option("--max-p99-ms", type=click.FloatRange(0), default=500, show_default=True, help="Of one text at a time.")
@click.option("--max-slowdown", type=click.FloatRange(0), default=1.5, show_default=True, help="Times the champion's.")
@click.option("--max-megabytes", type=click.FloatRange(0), default=250, show_default=True, help="Of all its files.")
def promote(
    data: Path,
    name: str,
    number: int | None,
    split: str,
    limit: int | None,
    seed: int,
    max_p99_ms: float,
    max_slowdown: float,
    max_megabytes: float,
) -> None:
    """Make the challenger the champion, if the gate lets it.

    Both answer the labelled texts of the folder DATA. By a paired bootstrap the challenger must not be worse, neither
    on the mean nor on any language; it must be right about the golden texts, and within the budgets of time and size.
    Without a champion only the latter are asked. The report is kept with the version. Exits with 1, and the reasons,
    when the challenger is refused.
    """
    from entrypoints.cli.promotion import ask_gate, keep_report
    from entrypoints.cli.registry import registry_or_exit
    from entrypoints.cli.samples import samples_or_exit
    from sentiment_core.languages import LANGUAGES
    from sentiment_core.promotion import Budgets, report_text
    from sentiment_core.promotion.aliases import champion, make_champion
    from sentiment_core.registry import CHALLENGER, ModelReference

    budgets = Budgets(max_p99_ms / 1000, max_slowdown, int(max_megabytes * 1_000_000))
    samples = samples_or_exit(data, LANGUAGES, split, limit)
    with registry_or_exit() as (settings, registry):
        challenger, before = registry.find(ModelReference(name, number or CHALLENGER)), champion(registry, name)
        if before and before.number == challenger.number:
            raise click.ClickException(f"{challenger} is the champion already.")
        versions = [challenger, before] if before else [challenger]
        report = ask_gate(settings, registry, versions, samples, split=split, limit=limit, budgets=budgets, seed=seed)
        click.echo(report_text(report))
        keep_report(registry, challenger, report)
        if not report.passed:
            raise click.ClickException("\n".join([f"{challenger} is refused.", *report.reasons]))
        now = champion(registry, name)
        if (now and now.number) != (before and before.number):
            raise click.ClickException("The champion is another one meanwhile. Ask again.")
        make_champion(registry, challenger)
    click.echo(f"{challenger} is the champion.")


@models.command()
@name_option
def rollback(name: str) -> None:
    """Make that the champion which was it before the last promotion."""
    from entrypoints.cli.registry import registry_or_exit
    from sentiment_core.promotion.aliases import roll_back

    with registry_or_exit() as (_, registry):
        version = roll_back(registry, name)
    if version is None:
        raise click.ClickException(
            f"There is nothing to go back to: no promotion of {name!r} is left to undo. `sentiment models promote"
            " --version` takes any version to the gate."
        )
    click.echo(f"{version} is the champion again.")


@models.command()
@click.argument("reference", callback=_reference)
@click.argument("folder", type=folder)
def export(reference: "ModelReference", folder: Path) -> None:
    """Write the files of REFERENCE, such as models:/sentiment@champion, to FOLDER, once they are verified."""
    from entrypoints.cli.registry import fetch, registry_or_exit

    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with registry_or_exit() as (settings, registry), tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        version = registry.find(reference)
        fetched = fetch(settings, registry, version, Path(beside, "model"))
        if folder.exists():
            folder.rmdir()
        fetched.path.rename(folder)
    click.echo(f"{version} is in {folder}.")


@models.command()
@click.argument("folder", type=folder_that_is_there)
@click.argument("data", type=folder_that_is_there)
@click.option("--split", type=click.Choice(["train", "dev", "test"]), default="test", show_default=True, help="Which.")
def reference(folder: Path, data: Path, split: str) -> None:
    """Write reference.json into FOLDER, against which the drift of its model is measured.

    It is made of the model's answers to the labelled texts of the folder DATA, at most 2,000 of each language. For a
    Hugging Face export, before it is registered; `sentiment train` does so by itself.
    """
    from entrypoints.cli.samples import samples_or_exit
    from entrypoints.container import write_reference
    from sentiment_core.drift import TEXTS
    from sentiment_core.errors import AnalyzerUnavailableError
    from sentiment_core.languages import LANGUAGES

    samples = samples_or_exit(data, LANGUAGES, split, TEXTS)
    try:
        click.echo(f"{write_reference(folder, samples)} is written.")
    except AnalyzerUnavailableError as error:
        raise click.ClickException(str(error)) from None
