"""``sentiment serve``."""

import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings


class ServeCommand(click.Command):
    """Shows the settings in ``--help``."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from entrypoints.settings import describe_settings

        with formatter.section("Environment"):
            formatter.write_dl(
                [(name, f"{text} [{default or 'unset'}]") for name, default, text in describe_settings()]
            )


@click.command(cls=ServeCommand)
@click.option("--host", help="Address to listen on, instead of SENTIMENT_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, instead of SENTIMENT_PORT.")
def serve(host: str | None, port: int | None) -> None:
    """Answer requests over HTTP until interrupted."""
    from msgspec.structs import replace

    from entrypoints.cli.startup import settings_or_exit
    from entrypoints.logs import configure_logging

    settings = settings_or_exit()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    configure_logging(settings.log_level, settings.log_format)
    listener = listen_or_exit(settings.host, settings.port)
    run(settings, listener)


def listen_or_exit(host: str, port: int) -> socket.socket:
    """A listening socket; before anything slow is loaded, so that a taken port is said at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host} port {port}: {error.strerror or error}.\n"
            f"Choose another with `sentiment serve --port {port + 1 if port < 65535 else 8000}`"
            " (or SENTIMENT_PORT), or end what listens there."
        ) from None


def run(settings: "Settings", listener: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM, then finishes what is in flight."""
    from entrypoints.container import build_container
    from entrypoints.server import Server

    container = build_container(settings)
    address = "http://{}:{}".format(*listener.getsockname()[:2])
    Server(container, settings, announce=lambda: announce(container.banner(), address, click.echo)).serve(listener)


def announce(facts: list[tuple[str, str]], address: str, echo: Callable[[str], None]) -> None:
    """What a newcomer needs to know once the service answers; on standard error, since logs are there too."""
    lines = [
        ("API", f"{address}/analyze"),
        ("Documentation", f"{address}/schema"),
        ("Metrics", f"{address}/metrics"),
        *facts,
    ]
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        echo(f"{name:<{width}}  {value}")
    sys.stdout.flush()
