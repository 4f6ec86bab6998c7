"""What ``sentiment doctor`` looks at, one function a check."""

import platform
from collections.abc import Iterator

from entrypoints.checks.analyzers import check_analyzer, check_canary, check_shadow
from entrypoints.checks.check import Check
from entrypoints.checks.installation import check_data_folder, check_packages, check_port
from entrypoints.checks.keys import check_feedback_key, check_keys
from entrypoints.checks.mlflow import check_registry, check_tracking
from entrypoints.container import build_container
from entrypoints.settings import Settings, SettingsError, load_settings

REGISTERED = "models:/"


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
    yield (folder := check_data_folder(settings))
    yield check_feedback_key(settings, can_be_kept=bool(folder.good))
    if packages.good:
        yield from _check_parts(settings)


def _check_parts(settings: Settings) -> Iterator[Check]:
    container = build_container(settings)
    yield check_keys(container)
    if settings.analyzer.startswith(REGISTERED):
        yield check_registry(settings, container.registry())
    yield check_analyzer(container)
    if settings.canary:
        yield check_canary(container)
    if settings.shadow:
        yield check_shadow(container)
    yield check_tracking(container)
