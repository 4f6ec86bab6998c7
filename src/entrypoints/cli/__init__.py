"""The command line. A command's module is imported when it is asked for, and what it needs when it runs."""

import importlib
from typing import Any

import click

COMMANDS = ("serve", "analyze", "doctor", "keys", "evaluate", "train", "models", "feedback")
"""In the order of ``sentiment --help``; each is a function of its name in a module of its name."""


class LazyGroup(click.Group):
    """Finds a command's module by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"entrypoints.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Settings may turn out to be wrong wherever something is built of them: that ends any command in one way."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise  # --help ends so too, and loads no settings
        except Exception as error:
            from entrypoints.settings import SettingsError

            if isinstance(error, SettingsError):
                raise click.ClickException(str(error)) from None
            raise


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sentiment-service", prog_name="sentiment")
def main() -> None:
    """Sentiment, entities and key phrases: from a small embedded model, or from Amazon Comprehend."""
