"""Settings -> adapters -> policies -> app. The only module that names adapters.

Each builder imports what it builds, so that a service with the embedded model never loads boto3, nor a command more
than it needs.
"""

import os
import re
import secrets
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from entrypoints.revision import checkout_revision
from entrypoints.settings import Settings, load_settings
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features, by_language_and_features
from sentiment_core.policies.identifying import IdentifyingAnalyzer
from sentiment_core.policies.measuring import MeasuringAnalyzer
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.policies.tracking import TrackingAnalyzer
from sentiment_core.policies.validating import ValidatingAnalyzer
from sentiment_core.ports import Analyzer, Clock, Dataset, LanguageDetector, Metrics, Tracker, Trainer
from sentiment_core.tracking import TrackingRecorder, TrackingWindow

if TYPE_CHECKING:
    from adapters.metrics.prometheus import PrometheusMetrics
    from entrypoints.api.edge import EdgeGuard

Policy = Callable[[Analyzer], Analyzer]


def compose(policies: list[Policy], analyzer: Analyzer) -> Analyzer:
    """The analyzer inside the policies, the first of which is outermost."""
    for policy in reversed(policies):
        analyzer = policy(analyzer)
    return analyzer


def _metrics() -> "PrometheusMetrics":
    from adapters.metrics.prometheus import PrometheusMetrics

    return PrometheusMetrics()


def _detector() -> LanguageDetector:
    from adapters.language_detectors.fasttext import FasttextDetector

    return FasttextDetector()


def _tracker(settings: Settings) -> Tracker:
    from adapters.trackers.mlflow import MlflowTracker

    revision = checkout_revision()
    return MlflowTracker(
        tracking_uri(settings),
        os.environ.get("MLFLOW_EXPERIMENT_NAME", "sentiment-service"),
        tags={"mlflow.source.git.commit": revision} if revision else {},
    )


def tracking_uri(settings: Settings) -> str:
    """Where runs are recorded: MLFLOW_TRACKING_URI, else an SQLite file in the data folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{settings.data_path / 'mlflow.db'}"


def printable(uri: str) -> str:
    """A URI without its password."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", uri)


def _embedded(settings: Settings, metrics: Metrics, clock: Clock) -> Analyzer:
    from adapters.analyzers.onnx.analyzer import BATCH, MAX_BYTES, OnnxAnalyzer

    return compose(
        [
            partial(SplittingAnalyzer, max_bytes=MAX_BYTES),
            partial(
                CoalescingAnalyzer,
                max_documents=BATCH,
                max_concurrent=2,  # the model runs one; the other is ready when it ends
                key=by_features,
                metrics=metrics,
                clock=clock,
            ),
        ],
        OnnxAnalyzer(threads=settings.embedded_threads or os.cpu_count() or 1, clock=clock),
    )


def _comprehend(settings: Settings, metrics: Metrics, clock: Clock) -> Analyzer:
    from adapters.analyzers.comprehend.analyzer import ComprehendAnalyzer
    from adapters.analyzers.comprehend.client import comprehend_client

    threads = settings.comprehend_threads
    return compose(
        [
            partial(SplittingAnalyzer, max_bytes=ComprehendAnalyzer.MAX_BYTES),
            partial(
                CoalescingAnalyzer,
                max_documents=ComprehendAnalyzer.MAX_DOCUMENTS,
                max_concurrent=max(1, threads // 3),  # a batch is three calls at once
                key=by_language_and_features,
                metrics=metrics,
                clock=clock,
            ),
        ],
        ComprehendAnalyzer(comprehend_client(threads=threads), metrics=metrics, clock=clock, threads=threads),
    )


def _wired(
    backend: Analyzer, detector: LanguageDetector, metrics: Metrics, window: TrackingWindow, clock: Clock
) -> Analyzer:
    return compose(
        [
            partial(IdentifyingAnalyzer, new_id=partial(secrets.token_hex, 16)),
            partial(TrackingAnalyzer, window=window, clock=clock),
            partial(ValidatingAnalyzer, detector=detector),
            partial(MeasuringAnalyzer, metrics=metrics),
        ],
        backend,
    )


def _app(
    settings: Settings,
    analyzer: Analyzer,
    metrics: "PrometheusMetrics",
    clock: Clock,
    recorder: TrackingRecorder,
) -> "EdgeGuard":
    from entrypoints.api.app import create_app
    from entrypoints.api.settings import ApiSettings

    async def stop() -> None:
        await recorder.stop()
        await analyzer.aclose()

    return create_app(
        analyzer=analyzer,
        metrics=metrics,
        exposition=metrics.exposition,
        settings=ApiSettings(
            default_timeout_s=settings.timeout_ms / 1000,
            maximum_timeout_s=settings.max_timeout_ms / 1000,
            default_batch_timeout_s=settings.batch_timeout_ms / 1000,
            maximum_batch_timeout_s=settings.max_batch_timeout_ms / 1000,
        ),
        clock=clock,
        version=version("sentiment-service"),
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
        TrackingRecorder, tracker, window, metrics, interval=settings.provided.tracking_window_seconds
    )
    backend = providers.Selector(
        settings.provided.analyzer,
        embedded=providers.Singleton(_embedded, settings, metrics, clock),
        comprehend=providers.Singleton(_comprehend, settings, metrics, clock),
    )
    analyzer = providers.Singleton(_wired, backend, detector, metrics, window, clock)
    app = providers.Singleton(_app, settings, analyzer, metrics, clock, recorder)


def build_container(settings: Settings | None = None) -> Container:
    """The container of the given settings, or of the environment's."""
    return Container(settings=settings or load_settings())


def dataset(folder: Path) -> Dataset:
    """The labelled texts of a folder."""
    from adapters.datasets.parquet import ParquetDataset

    return ParquetDataset(folder)


def trainer() -> Trainer:
    """What makes the embedded model."""
    from adapters.trainers.torch.recipe import TorchTrainer

    return TorchTrainer()
