"""Whether the packages are ours, the port is free, and the data folder can be written."""

import importlib
import socket
from importlib import metadata

from entrypoints.checks.check import Check
from entrypoints.settings import Settings

PACKAGES = ("sentiment_core", "adapters", "entrypoints")


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
