"""``sentiment doctor``."""

import sys

import click

MARKS = {True: ("ok", "green"), None: ("--", "yellow"), False: ("NO", "red")}


@click.command()
def doctor() -> None:
    """Say what is configured, what can be reached, and how to mend what is missing.

    Exits with 1 when the service would not start or not answer.
    """
    from entrypoints.checks import run_checks

    failed = False
    for check in run_checks():
        mark, colour = MARKS[check.good]
        click.echo(f"{click.style(mark, fg=colour)}  {check.subject:<14} {check.finding}")
        if check.remedy:
            click.echo(f"    {'':<14} {click.style('-> ' + check.remedy, fg=colour)}")
        failed |= check.good is False
    sys.exit(int(failed))
