"""The analyzers that a spec can name, each behind the policies that its limits need.

With ``container`` the only module that names adapters; as there, each builder imports what it builds.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrypoints.chains import comprehend_chain, embedded_chain, mixed_chain
from entrypoints.settings import Settings, model_key
from sentiment_core.drift import DriftWindow, read_reference
from sentiment_core.ledger import Ledger
from sentiment_core.model_folder import ModelFolder
from sentiment_core.model_shelf import ModelShelf
from sentiment_core.model_trial import ModelTrial
from sentiment_core.model_watch import ModelWatch
from sentiment_core.models import ALL_FEATURES, Document, Feature
from sentiment_core.policies.accompanied import Companion
from sentiment_core.policies.drift_monitoring import DriftMonitoringAnalyzer
from sentiment_core.policies.naming import NamingAnalyzer
from sentiment_core.ports import Analyzer, Clock, Metrics, ModelRegistry
from sentiment_core.registry import ModelReference

if TYPE_CHECKING:
    from adapters.analyzers.onnx.analyzer import OnnxAnalyzer


def build_analyzer(
    settings: Settings,
    metrics: Metrics,
    clock: Clock,
    ledger: Callable[[], Ledger],
    registry: Callable[[], ModelRegistry],
    companions: list[Companion],
    spec: str,
) -> Analyzer:
    """What an analyzer's spec names, behind the policies that its limits need. Each call builds another one.

    What is to work beside it is added to ``companions``. Raises AnalyzerUnavailableError when there is no such model.
    """
    if spec == "embedded":
        return embedded_analyzer(settings, metrics, clock)
    if spec == "comprehend":
        return _comprehend(settings, metrics, clock, ledger())
    return _registered(settings, metrics, clock, registry(), companions, ModelReference.parse(spec))


def model_shelf(settings: Settings, reference: ModelReference) -> ModelShelf:
    """Where the versions of a registered model are on this machine."""
    return ModelShelf(settings.data_path / "models" / reference.name)


def embedded_analyzer(settings: Settings, metrics: Metrics, clock: Clock) -> Analyzer:
    """The model of SENTIMENT_EMBEDDED_MODEL, else the one that comes with this code."""
    from adapters.analyzers.onnx.model import PACKAGED

    open_model = partial(_open_model, settings, metrics, clock, "embedded")
    if settings.embedded_model:
        return open_model(Path(settings.embedded_model), key=model_key(settings))
    return open_model(PACKAGED)  # comes with this code, and is signed no more than that is


def _comprehend(settings: Settings, metrics: Metrics, clock: Clock, ledger: Ledger) -> Analyzer:
    from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client

    client = comprehend_client(connections=settings.comprehend_connections)
    analyzer = ComprehendAnalyzer(client, metrics=metrics, clock=clock)
    return comprehend_chain(
        analyzer,
        settings,
        max_bytes=analyzer.MAX_BYTES,
        max_documents=analyzer.MAX_DOCUMENTS,
        ledger=ledger,
        metrics=metrics,
        clock=clock,
    )


def _registered(
    settings: Settings,
    metrics: Metrics,
    clock: Clock,
    registry: ModelRegistry,
    companions: list[Companion],
    reference: ModelReference,
) -> Analyzer:
    key = model_key(settings)

    def build(folder: Path, version: str) -> Analyzer:
        return _open_model(settings, metrics, clock, str(reference), folder, (reference.name, version), key)

    watch = ModelWatch(
        reference,
        registry,
        model_shelf(settings, reference),
        ModelTrial(verify=lambda folder: ModelFolder(folder, key).verify(), build=build),
        metrics,
        wall_clock=time.time,
        sleep=asyncio.sleep,
        interval=settings.model_poll_seconds,
    )
    companions.append(watch)
    return watch.open(on_trial=str(reference) != settings.analyzer)


def _open_model(
    settings: Settings,
    metrics: Metrics,
    clock: Clock,
    spec: str,
    folder: Path,
    named: tuple[str, str] | None = None,
    key: bytes | None = None,
) -> Analyzer:
    """The model in a folder, in its chain, under the name and version given; of the one that answers drift is shown."""
    reference = read_reference(folder) if spec == settings.analyzer else None
    window = DriftWindow(reference, metrics) if reference else None
    model = _onnx(settings, clock, folder, key, window.observe_unknown if window else None)
    chain = _completed(settings, metrics, clock, model, *(named or (model.name, model.model_version)))
    return DriftMonitoringAnalyzer(chain, window) if window else chain


def _onnx(
    settings: Settings,
    clock: Clock,
    folder: Path,
    key: bytes | None = None,
    on_unknown: Callable[[Sequence[Document], Sequence[float]], object] | None = None,
) -> "OnnxAnalyzer":
    from adapters.analyzers.onnx.analyzer import OnnxAnalyzer

    return OnnxAnalyzer(folder, settings.embedded_threads or os.cpu_count() or 1, clock, key, on_unknown)


def _completed(
    settings: Settings, metrics: Metrics, clock: Clock, model: "OnnxAnalyzer", name: str, version: str
) -> Analyzer:
    """The model under its name and version, in its chain; the shipped model answers what it does not, if anything."""
    from adapters.analyzers.onnx.analyzer import MAX_BYTES
    from adapters.analyzers.onnx.model import PACKAGED

    limits: dict[str, Any] = {"max_bytes": MAX_BYTES, "max_documents": model.batch, "metrics": metrics, "clock": clock}
    if model.features == ALL_FEATURES:
        return embedded_chain(_named(model, name, version), **limits)
    shipped = _onnx(settings, clock, PACKAGED)
    version = f"{version} with {shipped.model_version}"
    parts = {feature: model if feature in model.features else shipped for feature in Feature}
    return mixed_chain({feature: _named(part, name, version) for feature, part in parts.items()}, **limits)


def _named(analyzer: Analyzer, name: str, version: str) -> Analyzer:
    named = (analyzer.name, analyzer.model_version) == (name, version)
    return analyzer if named else NamingAnalyzer(analyzer, name, version)
