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
    """Import dependency-injector without FastAPI, which it loads where it finds it, as MLflow's client brings it along.

    That took an eighth of the time to the first answer. For commands only: nobody else is then in the process who would
    use the two together.
    """
    if "fastapi" not in sys.modules:
        sys.modules["fastapi"] = None  # type: ignore[assignment]  # an import of it fails
        import dependency_injector.wiring  # noqa: F401

        del sys.modules["fastapi"]


def is_terminal() -> bool:
    """Whether there is somebody who can be asked."""
    return sys.stdin.isatty()
