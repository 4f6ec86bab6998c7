"""The service as a process: one uvicorn server, one event loop."""

import asyncio
import gc
import logging
import platform
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from types import FrameType

import msgspec
import uvicorn

from entrypoints.answer_key import make_answer_key
from entrypoints.api.edge import EdgeGuard
from entrypoints.container import Container
from entrypoints.hiding import hidden
from entrypoints.http_protocol import GuardedProtocol
from entrypoints.settings import SECRETS, printable
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import ANALYZER_INFO, BUILD_INFO

KEEP_ALIVE_SECONDS = 75
"""An idle connection lives longer than a usual proxy keeps its own, so that the proxy never uses one just closed."""

OBJECTS_PER_COLLECTION = 50_000
"""A request leaves none that need a collection. After each 700 or 2,000, as by default, it goes through those of all
requests under way: with 256 callers that was a tenth of the core's time."""

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, app: EdgeGuard, *, drain_seconds: int, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.drain()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes the listener only when a proxy that asks ``/health/ready`` has had time to turn away."""
        await asyncio.sleep(self._drain_seconds)
        await super().shutdown(sockets)


def serve(container: Container, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serves on ``listener`` until SIGINT or SIGTERM, then finishes what is in flight and exits.

    ``announce`` is called when requests are answered. Raises AnalyzerUnavailableError when no analyzer could answer,
    SettingsError when keys are needed and there are none.
    """
    container.door()  # before anything slow: without keys there may be no start at all
    make_answer_key(container.settings())
    asyncio.run(_check(container))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # before uvicorn takes over, and when it hands the signal back

    def on_ready() -> None:
        announce()
        _describe(container)
        gc.freeze()  # what is there now stays; a full collection went through all of it, in the middle of requests
        gc.set_threshold(OBJECTS_PER_COLLECTION)
        if container.settings().tracking == "on":
            _record(container)

    with hidden("attr", "pydantic"):
        app = container.app()
    settings = container.settings()
    config = uvicorn.Config(
        app,
        http=partial(GuardedProtocol, metrics=container.metrics()),  # type: ignore[arg-type] # is only called
        loop="auto",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # entrypoints/api/callers.py finds the caller, with rules of its own
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    _Server(config, app, drain_seconds=settings.drain_seconds, on_ready=on_ready).run(sockets=[listener])


async def _check(container: Container) -> None:
    """One that another stands in for may be away at the start, but not unnoticed."""
    await container.analyzer().ready()
    for analyzer in filter(None, (container.backend(), container.canary(), container.shadow())):
        try:
            await analyzer.ready()
        except AnalyzerUnavailableError as error:
            _log.warning("The analyzer %s cannot answer yet, the service does without: %s", analyzer.name, error)


def _record(container: Container) -> None:
    """Begins the run of the service, and one for each analyzer on trial beside it."""
    facts, files = parameters(container), {"chain.txt": f"{container.analyzer()!r}\n"}
    container.recorder().start(container.analyzer().model_version, facts, files)
    trials = {
        "shadow": (container.shadow(), container.shadow_recorder),
        "canary": (container.canary(), container.canary_recorder),
    }
    for role, (analyzer, recorder) in trials.items():
        if analyzer is not None:
            own = {role: analyzer.name, f"{role}_version": analyzer.model_version}
            recorder().start(f"{role} {analyzer.model_version}", facts | own, files)


def _describe(container: Container) -> None:
    analyzer = container.analyzer()
    container.metrics().set(ANALYZER_INFO, 1, analyzer.name, analyzer.model_version)
    container.metrics().set(BUILD_INFO, 1, version("sentiment-service"), platform.python_version())


def parameters(container: Container) -> dict[str, str]:
    """What a run records of its start: who answers, which versions, every setting."""
    analyzer = container.analyzer()
    return {
        "analyzer": analyzer.name,
        "model_version": analyzer.model_version,
        "version": version("sentiment-service"),
        "python": platform.python_version(),
        **{
            f"settings.{name}": printable(str(value))
            for name, value in msgspec.structs.asdict(container.settings()).items()
            if name not in SECRETS
        },
    }
