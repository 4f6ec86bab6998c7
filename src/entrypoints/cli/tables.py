"""Tables of plain text, which programs can cut at the columns."""

import time
from collections.abc import Sequence

import click


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """The first row has the headings."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def date(seconds: float) -> str:
    """An instant since the epoch, in UTC."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
