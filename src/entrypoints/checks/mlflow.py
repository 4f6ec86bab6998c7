"""Whether MLflow is there: for the service's runs, and for the model that it serves."""

from entrypoints.analyzers import model_shelf
from entrypoints.checks.check import Check
from entrypoints.container import Container, tracking_uri
from entrypoints.settings import Settings, printable
from sentiment_core.ports import ModelRegistry, TrackingError
from sentiment_core.registry import ModelNotFoundError, ModelReference, RegistryError


def check_tracking(container: Container) -> Check:
    if container.settings().tracking == "off":
        return Check("tracking", None, "switched off (SENTIMENT_TRACKING=off)")
    try:
        container.tracker().check()
    except (OSError, TrackingError) as error:
        remedy = "The service works without; correct MLFLOW_TRACKING_URI, or start the server that it names."
        return Check("tracking", None, f"cannot be reached: {error}", remedy)
    return Check("tracking", True, printable(tracking_uri(container.settings())))


def check_registry(settings: Settings, registry: ModelRegistry) -> Check:
    """Which version is to answer, of the model that SENTIMENT_ANALYZER names, and whether it is on the disk."""
    reference = ModelReference.parse(settings.analyzer)
    shelf = model_shelf(settings, reference)
    try:
        version = registry.find(reference)
    except RegistryError as error:
        return _without_registry(settings, reference, error)
    there = "is on the disk" if shelf.path(version.number).exists() else "will be downloaded"
    return Check("model registry", True, f"{reference} is {version}, which {there} ({shelf.folder})")


def _without_registry(settings: Settings, reference: ModelReference, error: RegistryError) -> Check:
    """The service starts with the last good version on the disk, if there is one."""
    shelf = model_shelf(settings, reference)
    if isinstance(error, ModelNotFoundError):
        remedy = "`sentiment models list` says what there is; register or promote a version, or correct the name."
    else:
        remedy = f"Start the MLflow at {printable(tracking_uri(settings))}, or correct MLFLOW_TRACKING_URI."
    if good := shelf.good(reference.target):
        finding = f"does not give {reference}: {error}; {reference.name}/{good[0]} on the disk would answer"
        return Check("model registry", None, finding, remedy)
    finding = f"does not give {reference}: {error}; nor is a version of it in {shelf.folder}"
    return Check("model registry", False, finding, remedy)
