"""``sentiment serve``."""

import socket
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from entrypoints.container import Container
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
    """Serves until interrupted, and says where everything is once it does."""
    from entrypoints.cli.startup import import_injector

    import_injector()
    from entrypoints.container import build_container
    from entrypoints.server import serve
    from sentiment_core.errors import AnalyzerUnavailableError

    try:
        container = build_container(settings)
        serve(container, listener, announce=lambda: click.echo(banner(container, listener)))
    except AnalyzerUnavailableError as error:
        raise click.ClickException(f"The analyzer {settings.analyzer!r} cannot answer: {error}") from None


def banner(container: "Container", listener: socket.socket) -> str:
    """What a newcomer needs to know, a line each."""
    from entrypoints.container import tracking_uri
    from entrypoints.settings import printable

    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    analyzer = container.analyzer()
    settings = container.settings()
    lines = {
        "API": f"{address}/analyze",
        "Documentation": f"{address}/schema",
        "Metrics": f"{address}/metrics",
        "Analyzer": f"{analyzer.name} ({analyzer.model_version})",
        **_on_trial(container),
        "Runs": printable(tracking_uri(settings)) if settings.tracking == "on" else "not recorded",
    }
    return "\n".join(f"{name:<14} {value}" for name, value in lines.items())


def _on_trial(container: "Container") -> dict[str, str]:
    settings = container.settings()
    trials = {
        "Canary": (container.canary(), f"answers {100 * settings.canary_share:g}% of the texts"),
        "Shadow": (container.shadow(), f"is asked {100 * settings.shadow_share:g}% of the documents as well"),
    }
    return {role: f"{each.name} ({each.model_version}) {part}" for role, (each, part) in trials.items() if each}
