"""What the commands that start the service do first."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings


def settings_or_exit() -> "Settings":
    """The environment's settings; ends the command with every mistake when they are not in order."""
    from entrypoints.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        raise click.ClickException(f"The settings are not in order:\n{error}") from None


def import_injector() -> None:
    """Import dependency-injector without its side for FastAPI. To be called before anything imports the container."""
    from entrypoints.hiding import hidden

    with hidden("fastapi"):
        import dependency_injector.wiring  # noqa: F401


def is_terminal() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin.isatty()
