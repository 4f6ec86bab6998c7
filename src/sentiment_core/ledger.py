"""What has been spent today, against what may be."""

import asyncio
import logging
import math
from datetime import UTC, datetime

from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.metric_names import BUDGET_USED_RATIO, SPEND_STORE_FAILURES
from sentiment_core.ports import Metrics, Sleep, SpendStore, SpendStoreError, WallClock

MICRODOLLARS = 1_000_000
"""Of a dollar: sums of whole ones are exact."""

DAY_S = 86_400

_log = logging.getLogger(__name__)


class Ledger:
    """The spending of the UTC day: its own at once, that of others who share ``store`` at each ``interval`` seconds.

    No caller waits for the store. A store that is away is no failure of anybody's: spending is added up here and
    written when it is back. What was not written when the process was killed is lost, at most an interval's. The sum
    may go past the limit by what replicas spend in an interval, and by what is under way.
    """

    def __init__(
        self,
        store: SpendStore,
        *,
        metrics: Metrics,
        wall_clock: WallClock,
        sleep: Sleep,
        limit_usd: float = math.inf,
        interval: float = 1.0,
    ) -> None:
        if limit_usd <= 0:
            raise ValueError(f"a budget is more than 0 dollars, not {limit_usd}")
        self._store = store
        self._metrics = metrics
        self._wall_clock = wall_clock
        self._limit = limit_usd * MICRODOLLARS
        self._days = -1.0  # since the epoch
        self._day = ""
        self._kept = 0
        self._unwritten: dict[str, int] = {}
        self._away = False
        self._synchronizing = asyncio.Lock()
        self._writing = BackgroundLoop(lambda: sleep(interval), self._synchronize)

    @property
    def spent(self) -> bool:
        """Whether nothing more may be spent today."""
        return self._sum() >= self._limit

    def charge(self, microdollars: int) -> None:
        """So much has been spent now."""
        day = self._today()
        self._unwritten[day] = self._unwritten.get(day, 0) + microdollars
        self._show()

    async def start(self) -> None:
        """Reads what was spent today before; from now on the store is written to in the background."""
        await self._synchronize()
        self._writing.start()

    async def stop(self) -> None:
        """Writes what is left, and closes the store."""
        async with self._synchronizing:  # an addition that is cut short may be counted, and then counted again
            await self._writing.stop()
        await self._synchronize()
        await self._store.aclose()

    async def _synchronize(self) -> None:
        async with self._synchronizing:
            await self._write_all()
        self._show()

    async def _write_all(self) -> None:
        try:
            for day, microdollars in ({self._today(): 0} | self._unwritten).items():
                await self._write(day, microdollars)
        except SpendStoreError as error:
            self._metrics.add(SPEND_STORE_FAILURES, 1)
            if not self._away:
                _log.warning("The day's spending is kept in memory only until its store is back: %s", error)
            self._away = True
        else:
            self._away = False

    async def _write(self, day: str, microdollars: int) -> None:
        kept = await self._store.add(day, microdollars)
        left = self._unwritten.pop(day, 0) - microdollars
        if left:  # charged while the store was at it
            self._unwritten[day] = left
        if day == self._today():
            self._kept = kept

    def _sum(self) -> int:
        today = self._today()  # first, since a new day has its own _kept
        return self._kept + self._unwritten.get(today, 0)

    def _today(self) -> str:
        """The UTC day; with a new one nothing has been spent yet."""
        now = self._wall_clock()
        if now // DAY_S != self._days:  # a date takes longer to write than all else that a request asks of the ledger
            self._days = now // DAY_S
            self._day = datetime.fromtimestamp(now, UTC).date().isoformat()
            self._kept = 0
        return self._day

    def _show(self) -> None:
        self._metrics.set(BUDGET_USED_RATIO, self._sum() / self._limit)
