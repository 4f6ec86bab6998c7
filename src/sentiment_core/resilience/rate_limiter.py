"""How much one caller may ask for, and when it may ask again."""

from collections import OrderedDict

from sentiment_core.ports import Clock

_ROUNDING = 1e-9


class RateLimiter:
    """The generic cell rate algorithm (GCRA): a caller may be ahead of its rate by ``burst`` seconds' worth, no more.

    One instant is kept for each of the ``max_callers`` that were seen last: when it is even with its rate again.
    """

    def __init__(self, clock: Clock, *, burst: float = 10.0, max_callers: int = 10_000) -> None:
        self._clock = clock
        self._burst = burst
        self._max_callers = max_callers
        self._even: OrderedDict[str, float] = OrderedDict()

    def admit(self, caller: str, rate: float) -> float:
        """0, and one is counted; or the seconds until one will be let in. ``rate`` is in units a second, above 0."""
        now = self._clock()
        even = max(self._even.get(caller, now), now)
        early = even + 1 / rate - now - max(self._burst, 1 / rate)
        if early > _ROUNDING:
            return early
        self._keep(caller, even + 1 / rate)
        return 0.0

    def charge(self, caller: str, rate: float, units: int) -> None:
        """Counts what turned out to be more than one, even if that puts the caller further ahead than it may be."""
        now = self._clock()
        self._keep(caller, max(self._even.get(caller, now), now) + units / rate)

    def __len__(self) -> int:
        """How many callers are kept."""
        return len(self._even)

    def _keep(self, caller: str, even: float) -> None:
        self._even[caller] = even
        self._even.move_to_end(caller)
        if len(self._even) > self._max_callers:
            self._even.popitem(last=False)
