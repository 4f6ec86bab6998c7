"""What ``sentiment doctor`` looks at, one function a check."""

import asyncio
import importlib
import platform
import socket
import time
from collections.abc import Iterator
from importlib import metadata

from msgspec import Struct

from entrypoints.container import Container, build_container, tracking_uri
from entrypoints.settings import Settings, SettingsError, load_settings, printable
from sentiment_core.errors import AnalysisError
from sentiment_core.models import Analysis, Document, Options
from sentiment_core.ports import TrackingError

PACKAGES = ("sentiment_core", "adapters", "entrypoints")


class Check(Struct, frozen=True):
    """``good`` is None for what does no harm; ``remedy`` says what to do, and is empty when nothing is."""

    subject: str
    good: bool | None
    finding: str
    remedy: str = ""


def run_checks() -> Iterator[Check]:
    """Each check as it is made; later ones are left out when an earlier one makes them meaningless."""
    yield Check("Python", True, f"{platform.python_version()} on {platform.system()}")
    yield (packages := check_packages())
    try:
        settings = load_settings()
    except SettingsError as error:
        for mistake in str(error).splitlines():
            yield Check("settings", False, mistake, "Correct or unset it; `sentiment serve --help` lists all settings.")
        return
    yield Check("settings", True, "in order")
    yield check_port(settings)
    yield check_data_folder(settings)
    if packages.good:
        container = build_container(settings)
        yield check_keys(container)
        yield check_analyzer(container)
        yield check_tracking(container)


def check_packages() -> Check:
    """Other projects use our import names; theirs, installed later, overwrite ours without a word."""
    foreign = [name for name in ("adapters", "entrypoints") if _installed(name)]
    if foreign:
        names = " and ".join(foreign)
        remedy = (
            f"pip uninstall -y {' '.join(foreign)}, then pip install --force-reinstall --no-deps with the wheel or the "
            "checkout that this service was installed from."
        )
        return Check("packages", False, f"another project's {names} is installed over ours", remedy)
    folders = {str(importlib.import_module(name).__path__[0]).rsplit(name, 1)[0] for name in PACKAGES}
    if len(folders) > 1:
        return Check("packages", False, "our packages come from different folders", "Reinstall in a fresh environment.")
    return Check("packages", True, f"sentiment-service {metadata.version('sentiment-service')}")


def _installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def check_port(settings: Settings) -> Check:
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        finding = f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}"
        return Check("port", None, finding, "Unless that is the service itself: set SENTIMENT_PORT to another port.")
    return Check("port", True, f"{settings.host}:{settings.port} is free")


def check_data_folder(settings: Settings) -> Check:
    folder = settings.data_path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        remedy = "Set SENTIMENT_DATA_DIR to a folder that can be written."
        return Check("data folder", False, f"{folder}: {error.strerror or error}", remedy)
    return Check("data folder", True, str(folder))


def check_keys(container: Container) -> Check:
    try:
        ring = container.ring()
    except SettingsError as error:
        return Check("API keys", False, str(error), "docs/security.md has the steps.")
    if ring is None:
        return Check("API keys", None, "not asked for (SENTIMENT_KEYS=on asks for them)")
    return Check("API keys", True, f"{ring.usable(time.time())} in force")


def check_analyzer(container: Container) -> Check:
    """One text through the whole chain, as a request would go."""
    try:
        return asyncio.run(_answer(container))
    except AnalysisError as error:
        return Check("analyzer", False, f"{error.code}: {error}", "See above; then run `sentiment doctor` again.")


async def _answer(container: Container) -> Check:
    analyzer = container.analyzer()
    try:
        await analyzer.ready()
        [outcome] = await analyzer.analyze([Document("The staff were wonderful.")], Options())
    finally:
        await analyzer.aclose()
    if not isinstance(outcome, Analysis):
        raise outcome
    label = outcome.sentiment.sentiment if outcome.sentiment else "nothing"
    return Check("analyzer", True, f"{outcome.analyzer} ({outcome.model_version}) answers: {label}")


def check_tracking(container: Container) -> Check:
    if container.settings().tracking == "off":
        return Check("tracking", None, "switched off (SENTIMENT_TRACKING=off)")
    try:
        container.tracker().check()
    except (OSError, TrackingError) as error:
        remedy = "The service works without; correct MLFLOW_TRACKING_URI, or start the server that it names."
        return Check("tracking", None, f"cannot be reached: {error}", remedy)
    return Check("tracking", True, printable(tracking_uri(container.settings())))
