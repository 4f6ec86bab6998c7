"""``sentiment keys``."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from sentiment_core.ports import KeyStore

DAY = 86_400.0


@click.group()
def keys() -> None:
    """Make, show and revoke API keys. A running service notices within a second."""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(["analyze", "metrics"]), default=["analyze"])
@click.option(
    "--expires-days", type=click.FloatRange(0, min_open=True), help="Days that it is good for; ever if unset."
)
@click.option(
    "--rate", type=click.FloatRange(0), help="Documents a second; 0 is no limit. SENTIMENT_RATE_PER_KEY if unset."
)
def create(name: str, scopes: tuple[str, ...], expires_days: float | None, rate: float | None) -> None:
    """Make a key called NAME, and print it: it is shown this once."""
    import os

    from entrypoints.settings import pepper
    from sentiment_core.keys import Scope, issue

    with _store() as (settings, store):
        now = time.time()
        token, key = issue(
            pepper(settings),
            name=name,
            scopes=map(Scope, scopes),
            now=now,
            entropy=os.urandom,
            expires=now + expires_days * DAY if expires_days else None,
            rate=rate,
        )
        store.add(key)
    click.echo("Send it as Authorization: Bearer ..., and keep it: it is not shown again.", err=True)
    click.echo(token)


@keys.command("list")
def list_() -> None:
    """Show all keys, without their secrets."""
    from entrypoints.cli.tables import date, print_table

    with _store() as (_, store):
        kept = store.read()
    now = time.time()
    rows = [("ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "RATE", "STATE")]
    for key in kept:
        state = "in force" if key.usable(now) else "revoked" if key.revoked else "expired"
        expires = date(key.expires) if key.expires else "never"
        rate = "default" if key.rate is None else f"{key.rate:g}" if key.rate else "no limit"
        rows.append((key.id, key.name, ",".join(sorted(key.scopes)), date(key.created), expires, rate, state))
    print_table(rows)


@keys.command()
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Make the key with this ID good for nothing. It stays in the list."""
    with _store() as (_, store):
        if not store.revoke(id_):
            raise click.ClickException(f"There is no key {id_!r}; `sentiment keys list` shows them.")
    click.echo(f"{id_} is revoked.")


@contextmanager
def _store() -> "Iterator[tuple[Settings, KeyStore]]":
    from entrypoints.cli.startup import settings_or_exit
    from entrypoints.container import key_store
    from sentiment_core.ports import KeyStoreError

    settings = settings_or_exit()
    try:
        yield settings, key_store(settings)
    except KeyStoreError as error:
        raise click.ClickException(str(error)) from None
