"""What the settings make of the API: whom it lets in, and what begins and ends with it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from entrypoints.settings import Settings, SettingsError, pepper
from sentiment_core.feedback.intake import FeedbackIntake
from sentiment_core.key_watch import KeyWatch
from sentiment_core.keys import KeyRing
from sentiment_core.policies.accompanied import AccompaniedAnalyzer
from sentiment_core.ports import Analyzer, Clock, KeyStore, KeyStoreError, Metrics
from sentiment_core.tracking import TrackingRecorder

if TYPE_CHECKING:
    from entrypoints.api.door import Door
    from entrypoints.api.edge import EdgeGuard
    from entrypoints.api.routes import Exposition

NO_KEYS = (
    "There is no API key in force, and the service would answer everybody who reaches {host}, at a cost.\n"
    "Make one with `sentiment keys create NAME`; or set SENTIMENT_ALLOW_NO_KEYS=1 if the port is guarded otherwise."
)


def key_ring(settings: Settings, store: Callable[[], KeyStore]) -> KeyRing | None:
    """The keys that are good at the start; None where none is asked for. Raises SettingsError when there is none."""
    if not settings.needs_keys:
        return None
    try:
        ring = KeyRing(pepper(settings), store().read())
    except KeyStoreError as error:
        raise SettingsError(str(error)) from None
    if not ring.usable(time.time()):
        raise SettingsError(NO_KEYS.format(host=settings.host))
    return ring


def build_door(settings: Settings, ring: KeyRing | None, metrics: Metrics, clock: Clock) -> "Door":
    """Asks for the keys of ``ring``. Raises SettingsError for trusted proxies that are no networks."""
    from entrypoints.api.callers import Callers, networks
    from entrypoints.api.door import Door, Rates

    try:
        callers = Callers(networks(settings.trusted_proxies))
    except ValueError as error:
        raise SettingsError(f"SENTIMENT_TRUSTED_PROXIES: {error}; expected networks such as 10.0.0.0/8.") from None
    rates = Rates(settings.rate_per_key, settings.rate_per_address)
    return Door(ring=ring, callers=callers, rates=rates, metrics=metrics, clock=clock)


def build_application(
    settings: Settings,
    analyzer: Analyzer,
    *,
    feedback: FeedbackIntake,
    accompanied: AccompaniedAnalyzer,
    recorders: Sequence[TrackingRecorder],
    key_watch: KeyWatch | None,
    door: "Door",
    metrics: Metrics,
    exposition: "Exposition",
    clock: Clock,
) -> "EdgeGuard":
    """The API, and what works beside it from its start to its end."""
    from entrypoints.api.app import create_app
    from entrypoints.api.settings import ApiSettings
    from entrypoints.disk import with_disk

    async def start() -> None:
        if key_watch:
            key_watch.start()
        feedback.start()
        await accompanied.start()

    async def stop() -> None:
        if key_watch:
            await key_watch.stop()
        await feedback.stop()
        await asyncio.gather(*(recorder.stop() for recorder in recorders))
        await accompanied.aclose()

    return create_app(
        analyzer=analyzer,
        feedback=feedback,
        metrics=metrics,
        exposition=with_disk(exposition, metrics, settings.data_path),
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
