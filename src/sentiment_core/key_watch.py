"""Keeping the keys of a running service the same as those of the store."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.keys import KeyRing
from sentiment_core.metric_names import KEY_STORE_FAILURES
from sentiment_core.ports import KeyStore, KeyStoreError, Metrics, Sleep

INTERVAL = 0.5
"""Seconds between two readings: half of those within which a revoked key has to be refused."""

_log = logging.getLogger(__name__)


class KeyWatch:
    """Reads ``store`` into ``ring`` every ``interval`` seconds, on a thread of its own, from ``start`` to ``stop``.

    A store that cannot be read leaves the ring as it is, and is counted (KEY_STORE_FAILURES).
    """

    def __init__(
        self, store: KeyStore, ring: KeyRing, metrics: Metrics, *, sleep: Sleep, interval: float = INTERVAL
    ) -> None:
        self._store = store
        self._ring = ring
        self._metrics = metrics
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keys")
        self._away = False
        self._readings = BackgroundLoop(lambda: sleep(interval), self._read)

    def start(self) -> None:
        """Begins in the background of the running event loop. To be called once."""
        self._readings.start()

    async def stop(self) -> None:
        """Ends it; does nothing when it never began."""
        await self._readings.stop()
        self._thread.shutdown(wait=False)

    async def _read(self) -> None:
        try:
            keys = await asyncio.get_running_loop().run_in_executor(self._thread, self._store.read)
        except KeyStoreError as error:
            self._metrics.add(KEY_STORE_FAILURES, 1)
            if not self._away:
                _log.error("Keys are neither revoked nor added until their store can be read: %s", error)
            self._away = True
        else:
            self._away = False
            self._ring.replace(keys)
