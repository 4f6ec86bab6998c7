"""What the commands that use the model registry share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from sentiment_core.model_folder import ModelFolder
    from sentiment_core.ports import ModelRegistry
    from sentiment_core.registry import ModelVersion


@contextmanager
def registry_or_exit() -> "Iterator[tuple[Settings, ModelRegistry]]":
    """The settings and their registry; ends the command with what is wrong with either, or with a model."""
    from entrypoints.cli.startup import settings_or_exit
    from entrypoints.container import model_registry
    from sentiment_core.errors import AnalyzerUnavailableError
    from sentiment_core.registry import RegistryError

    settings = settings_or_exit()
    try:
        yield settings, model_registry(settings)
    except RegistryError as error:
        raise click.ClickException(f"The model registry: {error}") from None
    except AnalyzerUnavailableError as error:
        raise click.ClickException(str(error)) from None


def fetch(settings: "Settings", registry: "ModelRegistry", version: "ModelVersion", folder: Path) -> "ModelFolder":
    """The files of a version, verified, in ``folder``, a new one."""
    from entrypoints.settings import model_key
    from sentiment_core.model_folder import ModelFolder

    registry.download(version, folder)
    fetched = ModelFolder(folder, model_key(settings))
    fetched.verify()
    return fetched


def pinned(spec: str) -> str:
    """The analyzer's spec, with the number of the version that an alias names now: it might move meanwhile."""
    from sentiment_core.registry import ModelReference

    if "@" not in spec:
        return spec
    with registry_or_exit() as (_, registry):
        version = registry.find(ModelReference.parse(spec))
    return str(ModelReference(version.name, version.number))
