"""Settings -> adapters -> policies -> app. With ``analyzers`` the only module that names adapters.

Each builder imports what it builds, so that a service with the embedded model never loads boto3, nor a command more
than it needs.
"""

import asyncio
import gc
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dependency_injector import containers, providers
from msgspec.structs import replace

from entrypoints.analyzers import build_analyzer, embedded_analyzer
from entrypoints.answer_key import answer_key
from entrypoints.application import build_application, build_door, key_ring
from entrypoints.chains import accompanied_chain, service_chain
from entrypoints.revision import checkout_revision
from entrypoints.settings import Settings, SettingsError, load_settings, model_key, printable
from entrypoints.trials import canary_policy, shadow_policy
from sentiment_core.evaluation import Sample
from sentiment_core.examples import SentimentExample
from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.key_watch import KeyWatch
from sentiment_core.keys import KeyRing
from sentiment_core.ledger import Ledger
from sentiment_core.policies.accompanied import Companion
from sentiment_core.ports import (
    Analyzer,
    Cache,
    Clock,
    Dataset,
    FeedbackStore,
    KeyStore,
    LanguageDetector,
    Metrics,
    ModelRegistry,
    SpendStore,
    Tracker,
    Trainer,
)
from sentiment_core.probing import GoldenProbe
from sentiment_core.tracking import CanaryWindow, ShadowWindow, TrackingRecorder, TrackingWindow

if TYPE_CHECKING:
    from adapters.metrics.prometheus import PrometheusMetrics


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


def _backend(settings: Settings, embedded: Callable[[], Analyzer], build: Callable[[str], Analyzer]) -> Analyzer:
    return embedded() if settings.analyzer == "embedded" else build(settings.analyzer)


def _on_trial(spec: str, build: Callable[[str], Analyzer]) -> Analyzer | None:
    return build(spec) if spec else None


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


def _key_watch(settings: Settings, ring: KeyRing | None, metrics: Metrics) -> KeyWatch | None:
    return KeyWatch(key_store(settings), ring, metrics, sleep=asyncio.sleep) if ring else None


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
    registry = providers.Factory(model_registry, settings)
    cache = providers.Singleton(_cache, settings, metrics, clock)
    companions: providers.Provider[list[Companion]] = providers.Singleton(list)  # of the analyzers that were built
    # A shadow has one core at the most, lest it take them from what callers wait for.
    modest = providers.Callable(replace, settings, embedded_threads=1)
    # Both are called with an analyzer's spec.
    build = providers.Factory(build_analyzer, settings, metrics, clock, ledger.provider, registry.provider, companions)
    build_modestly = providers.Factory(
        build_analyzer, modest, metrics, clock, ledger.provider, registry.provider, companions
    )
    embedded = providers.Singleton(embedded_analyzer, settings, metrics, clock)
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
    accompanied = providers.Singleton(
        accompanied_chain, settings, analyzer, ledger.provider, probe.provider, companions
    )
    ring = providers.Singleton(key_ring, settings, providers.Factory(key_store, settings).provider)
    door = providers.Singleton(build_door, settings, ring, metrics, clock)
    app = providers.Singleton(
        build_application,
        settings,
        analyzer,
        feedback=feedback,
        accompanied=accompanied,
        recorders=providers.List(recorder, shadow_recorder, canary_recorder),
        key_watch=providers.Singleton(_key_watch, settings, ring, metrics),
        door=door,
        metrics=metrics,
        exposition=metrics.provided.exposition,
        clock=clock,
    )


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
