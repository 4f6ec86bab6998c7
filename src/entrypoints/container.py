"""Settings -> adapters -> policies -> app. The only module that names adapters.

Each builder imports what it builds, so that a service with the embedded model never loads boto3, nor a command more
than it needs.
"""

import asyncio
import gc
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dependency_injector import containers, providers
from msgspec.structs import replace

from entrypoints.answer_key import answer_key
from entrypoints.chains import comprehend_chain, embedded_chain, has_fallback, mixed_chain, service_chain
from entrypoints.revision import checkout_revision
from entrypoints.settings import Settings, SettingsError, load_settings, model_key, pepper, printable
from entrypoints.trials import canary_policy, shadow_policy
from sentiment_core.drift import DriftWindow, read_reference
from sentiment_core.evaluation import Sample
from sentiment_core.examples import SentimentExample
from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.key_watch import KeyWatch
from sentiment_core.keys import KeyRing
from sentiment_core.ledger import Ledger
from sentiment_core.model_folder import ModelFolder
from sentiment_core.model_shelf import ModelShelf
from sentiment_core.model_trial import ModelTrial
from sentiment_core.model_watch import ModelWatch
from sentiment_core.models import ALL_FEATURES, Document, Feature
from sentiment_core.policies.accompanied import AccompaniedAnalyzer, Companion
from sentiment_core.policies.drift_monitoring import DriftMonitoringAnalyzer
from sentiment_core.policies.naming import NamingAnalyzer
from sentiment_core.ports import (
    Analyzer,
    Cache,
    Clock,
    Dataset,
    FeedbackStore,
    KeyStore,
    KeyStoreError,
    LanguageDetector,
    Metrics,
    ModelRegistry,
    SpendStore,
    Tracker,
    Trainer,
)
from sentiment_core.probing import GoldenProbe
from sentiment_core.registry import ModelReference
from sentiment_core.tracking import CanaryWindow, ShadowWindow, TrackingRecorder, TrackingWindow

if TYPE_CHECKING:
    from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
    from adapters.metrics.prometheus import PrometheusMetrics
    from entrypoints.api.door import Door
    from entrypoints.api.edge import EdgeGuard

NO_KEYS = (
    "There is no API key in force, and the service would answer everybody who reaches {host}, at a cost.\n"
    "Make one with `sentiment keys create NAME`; or set SENTIMENT_ALLOW_NO_KEYS=1 if the port is guarded otherwise."
)


def _metrics() -> "PrometheusMetrics":
    from adapters.metrics.prometheus import PrometheusMetrics

    return PrometheusMetrics()


def _detector() -> LanguageDetector:
    from adapters.language_detectors.fasttext import FasttextDetector

    return FasttextDetector()


def _tracker(settings: Settings) -> Tracker:
    return _tracker_of(settings, os.environ.get("MLFLOW_EXPERIMENT_NAME", "sentiment-service"))


def _tracker_of(settings: Settings, experiment: str) -> Tracker:
    from adapters.trackers.mlflow import MlflowTracker

    revision = checkout_revision()
    tags = {"mlflow.source.git.commit": revision} if revision else {}
    return MlflowTracker(tracking_uri(settings), experiment, tags=tags)


def _trial_recorder(settings: Settings, window: ShadowWindow | CanaryWindow, metrics: Metrics) -> TrackingRecorder:
    return TrackingRecorder(_tracker(settings), window, metrics, interval=settings.tracking_window_seconds)


def command_tracker(settings: Settings, experiment: str) -> Tracker | None:
    """What keeps the runs of a command, in an experiment of its own; None when tracking is off."""
    return _tracker_of(settings, experiment) if settings.tracking == "on" else None


def tracking_uri(settings: Settings) -> str:
    """Where runs are recorded: MLFLOW_TRACKING_URI, else an SQLite file in the data folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{settings.data_path / 'mlflow.db'}"


def model_registry(settings: Settings) -> ModelRegistry:
    """Where models are registered: beside the runs."""
    from adapters.model_registries.mlflow import MlflowModelRegistry

    return MlflowModelRegistry(tracking_uri(settings), loader="entrypoints.pyfunc")


def _embedded(settings: Settings, metrics: Metrics, clock: Clock) -> Analyzer:
    from adapters.analyzers.onnx.model import PACKAGED

    open_model = partial(_open_model, settings, metrics, clock, "embedded")
    if settings.embedded_model:
        return open_model(Path(settings.embedded_model), key=model_key(settings))
    return open_model(PACKAGED)  # comes with this code, and is signed no more than that is


def _registered(
    settings: Settings, metrics: Metrics, clock: Clock, companions: list[Companion], reference: ModelReference
) -> Analyzer:
    key = model_key(settings)

    def build(folder: Path, version: str) -> Analyzer:
        return _open_model(settings, metrics, clock, str(reference), folder, (reference.name, version), key)

    watch = ModelWatch(
        reference,
        model_registry(settings),
        ModelShelf(settings.data_path / "models" / reference.name),
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


def _built(
    settings: Settings,
    metrics: Metrics,
    clock: Clock,
    ledger: Callable[[], Ledger],
    companions: list[Companion],
    spec: str,
) -> Analyzer:
    """What an analyzer's spec names, behind the policies that its limits need. Each call builds another one.

    What is to work beside it is added to ``companions``. Raises AnalyzerUnavailableError when there is no such model.
    """
    if spec == "embedded":
        return _embedded(settings, metrics, clock)
    if spec == "comprehend":
        return _comprehend(settings, metrics, clock, ledger())
    return _registered(settings, metrics, clock, companions, ModelReference.parse(spec))


def _backend(settings: Settings, embedded: Callable[[], Analyzer], build: Callable[[str], Analyzer]) -> Analyzer:
    return embedded() if settings.analyzer == "embedded" else build(settings.analyzer)


def _on_trial(spec: str, build: Callable[[str], Analyzer]) -> Analyzer | None:
    return build(spec) if spec else None


def _modest(settings: Settings) -> Settings:
    """Those of a shadow: it has one core at the most, lest it take them from what callers wait for."""
    return replace(settings, embedded_threads=1)


def _cache(settings: Settings, metrics: Metrics, clock: Clock) -> Cache | None:
    if settings.cache == "off":
        return None
    ttl = float(settings.cache_ttl_seconds)
    if settings.cache == "memory":
        from adapters.caches.memory import MemoryCache

        return MemoryCache(max_bytes=settings.cache_megabytes * 1_000_000, ttl=ttl, clock=clock, metrics=metrics)
    from adapters.caches.redis import RedisCache

    try:
        return RedisCache(settings.cache, ttl=ttl, clock=clock, metrics=metrics)
    except ValueError as error:
        raise SettingsError(f"SENTIMENT_CACHE is {printable(settings.cache)!r}: {error}.") from None


def _ledger(settings: Settings, metrics: Metrics) -> Ledger:
    store: SpendStore
    if settings.cache.startswith("redis"):
        from adapters.spend_stores.redis import RedisSpendStore

        store = RedisSpendStore(settings.cache)
    else:
        from adapters.spend_stores.sqlite import SqliteSpendStore

        store = SqliteSpendStore(settings.data_path / "spending.db")
    limit = settings.budget_usd_per_day or math.inf
    return Ledger(store, metrics=metrics, wall_clock=time.time, sleep=asyncio.sleep, limit_usd=limit)


def _answer_ids(settings: Settings) -> AnswerIds:
    return AnswerIds(answer_key(settings), wall_clock=time.time, entropy=os.urandom)


def feedback_store(settings: Settings) -> FeedbackStore:
    """Where verdicts on answers are kept."""
    from adapters.feedback_stores.sqlite import SqliteFeedbackStore

    return SqliteFeedbackStore(settings.data_path / "feedback.db")


def key_store(settings: Settings) -> KeyStore:
    """Where API keys are kept."""
    from adapters.key_stores.sqlite import SqliteKeyStore

    return SqliteKeyStore(settings.data_path / "keys.db")


def _ring(settings: Settings) -> KeyRing | None:
    """The keys that are good at the start; None where none is asked for. Raises SettingsError when there is none."""
    if not settings.needs_keys:
        return None
    try:
        ring = KeyRing(pepper(settings), key_store(settings).read())
    except KeyStoreError as error:
        raise SettingsError(str(error)) from None
    if not ring.usable(time.time()):
        raise SettingsError(NO_KEYS.format(host=settings.host))
    return ring


def _door(settings: Settings, ring: KeyRing | None, metrics: Metrics, clock: Clock) -> "Door":
    from entrypoints.api.callers import Callers, networks
    from entrypoints.api.door import Door, Rates

    try:
        callers = Callers(networks(settings.trusted_proxies))
    except ValueError as error:
        raise SettingsError(f"SENTIMENT_TRUSTED_PROXIES: {error}; expected networks such as 10.0.0.0/8.") from None
    rates = Rates(settings.rate_per_key, settings.rate_per_address)
    return Door(ring=ring, callers=callers, rates=rates, metrics=metrics, clock=clock)


def _accompanied(
    settings: Settings,
    analyzer: Analyzer,
    ledger: Callable[[], Ledger],
    probe: Callable[[], GoldenProbe],
    companions: Sequence[Companion],
) -> AccompaniedAnalyzer:
    return AccompaniedAnalyzer(
        analyzer,
        around=[ledger()] if settings.pays else [],
        beside=[*([probe()] if has_fallback(settings) else []), *companions],
    )


def _app(
    settings: Settings,
    analyzer: Analyzer,
    feedback: FeedbackIntake,
    accompanied: AccompaniedAnalyzer,
    metrics: "PrometheusMetrics",
    clock: Clock,
    recorders: Sequence[TrackingRecorder],
    ring: KeyRing | None,
    door: "Door",
) -> "EdgeGuard":
    from entrypoints.api.app import create_app
    from entrypoints.api.settings import ApiSettings
    from entrypoints.disk import with_disk

    watch = KeyWatch(key_store(settings), ring, metrics, sleep=asyncio.sleep) if ring else None

    async def start() -> None:
        if watch:
            watch.start()
        feedback.start()
        await accompanied.start()

    async def stop() -> None:
        if watch:
            await watch.stop()
        await feedback.stop()
        await asyncio.gather(*(recorder.stop() for recorder in recorders))
        await accompanied.aclose()

    return create_app(
        analyzer=analyzer,
        feedback=feedback,
        metrics=metrics,
        exposition=with_disk(metrics.exposition, metrics, settings.data_path),
        settings=ApiSettings(
            default_timeout_s=settings.timeout_ms / 1000,
            maximum_timeout_s=settings.max_timeout_ms / 1000,
            default_batch_timeout_s=settings.batch_timeout_ms / 1000,
            maximum_batch_timeout_s=settings.max_batch_timeout_ms / 1000,
        ),
        door=door,
        clock=clock,
        version=version("sentiment-service"),
        on_startup=[start],
        on_shutdown=[stop],
    )


class Container(containers.DeclarativeContainer):
    """Everything is built once, when it is first asked for; a test overrides any of it."""

    settings = providers.Dependency(instance_of=Settings)
    clock: providers.Provider[Clock] = providers.Object(time.monotonic)
    metrics = providers.Singleton(_metrics)
    detector = providers.Singleton(_detector)
    tracker = providers.Singleton(_tracker, settings)
    window = providers.Singleton(TrackingWindow)
    recorder = providers.Singleton(
        TrackingRecorder,
        tracker,
        window,
        metrics,
        interval=settings.provided.tracking_window_seconds,
        on_begun=providers.Object(gc.freeze),  # as at the start of serving: MLflow is large, and stays
    )
    shadow_window = providers.Singleton(ShadowWindow)
    canary_window = providers.Singleton(CanaryWindow)
    shadow_recorder = providers.Singleton(_trial_recorder, settings, shadow_window, metrics)
    canary_recorder = providers.Singleton(_trial_recorder, settings, canary_window, metrics)
    ledger = providers.Singleton(_ledger, settings, metrics)
    cache = providers.Singleton(_cache, settings, metrics, clock)
    companions: providers.Provider[list[Companion]] = providers.Singleton(list)  # of the analyzers that were built
    # Both are called with an analyzer's spec.
    build = providers.Factory(_built, settings, metrics, clock, ledger.provider, companions)
    build_modestly = providers.Factory(
        _built, providers.Callable(_modest, settings), metrics, clock, ledger.provider, companions
    )
    embedded = providers.Singleton(_embedded, settings, metrics, clock)
    backend = providers.Singleton(_backend, settings, embedded.provider, build.provider)
    shadow = providers.Singleton(_on_trial, settings.provided.shadow, build_modestly.provider)
    canary = providers.Singleton(_on_trial, settings.provided.canary, build.provider)
    probe = providers.Singleton(GoldenProbe, embedded, metrics, clock=clock)
    answer_ids = providers.Singleton(_answer_ids, settings)
    feedback = providers.Singleton(
        FeedbackIntake,
        answer_ids,
        providers.Singleton(feedback_store, settings),
        days=settings.provided.feedback_days,
        metrics=metrics,
        window=window,
        wall_clock=providers.Object(time.time),
        sleep=providers.Object(asyncio.sleep),
    )
    analyzer = providers.Singleton(
        service_chain,
        settings,
        backend,
        embedded.provider,
        detector=detector,
        cache=cache,
        ledger=ledger,
        metrics=metrics,
        window=window,
        new_id=answer_ids.provided.issue,
        clock=clock,
        canary=providers.Factory(
            canary_policy,
            settings,
            canary,
            cache=cache,
            ledger=ledger,
            window=canary_window,
            metrics=metrics,
            clock=clock,
        ),
        shadow=providers.Factory(
            shadow_policy, settings, shadow, ledger=ledger, window=shadow_window, metrics=metrics, clock=clock
        ),
    )
    accompanied = providers.Singleton(_accompanied, settings, analyzer, ledger.provider, probe.provider, companions)
    ring = providers.Singleton(_ring, settings)
    door = providers.Singleton(_door, settings, ring, metrics, clock)
    recorders = providers.List(recorder, shadow_recorder, canary_recorder)
    app = providers.Singleton(_app, settings, analyzer, feedback, accompanied, metrics, clock, recorders, ring, door)


def build_container(settings: Settings | None = None) -> Container:
    """The container of the given settings, or of the environment's."""
    return Container(settings=settings or load_settings())


def dataset(folder: Path) -> Dataset:
    """The labelled texts of a folder."""
    from adapters.datasets.parquet import ParquetDataset

    return ParquetDataset(folder)


def write_training_data(folder: Path, examples: Mapping[str, Sequence[SentimentExample]]) -> None:
    """Labelled texts, by language, as the training split of a folder that ``dataset`` reads."""
    from adapters.datasets import parquet

    parquet.write_training_data(folder, examples)


def trainer(settings: Settings) -> Trainer:
    """What makes the embedded model; its runs are in an experiment of their own."""
    from adapters.trainers.torch.trainer import TorchTrainer

    return TorchTrainer(_detector(), command_tracker(settings, "sentiment-training"), model_key(settings))


def write_reference(model: Path, samples: Sequence[Sample]) -> Path:
    """Writes what the drift of a model is measured against into its folder."""
    from adapters.analyzers.onnx.reference import write_reference

    return write_reference(model, samples)
