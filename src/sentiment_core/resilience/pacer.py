"""When the next call of a kind may be made, so that a quota of calls per second is kept without bursts."""

from sentiment_core.ports import Clock


class Pacer:
    """Hands out instants that lie evenly apart, ``rate`` of them a second.

    A refusal by the upstream halves the rate, to a tenth of what was set at the least; each second after it adds one
    call a second, up to what was set. Of refusals that were under way together only the first counts.
    """

    FLOOR = 0.1
    """Share of the rate that is kept, whatever happens: at nothing it would never be known that the calm is back."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._full = self._base = rate
        self._clock = clock
        self._changed = clock()
        self._next = self._changed

    @property
    def rate(self) -> float:
        """Calls a second, now."""
        return min(self._full, self._base + self._clock() - self._changed)

    def reserve(self, deadline: float, takes: float = 0.0) -> float | None:
        """The next free instant, which is the caller's then. None, and nothing is taken, when it comes too late.

        So does one that is still to come and leaves less than ``takes`` seconds before the deadline. One that has come
        is given in any case: what a call takes is only known from calls that are made.
        """
        now = self._clock()
        instant = max(self._next, now)
        if instant >= deadline or (instant > now and instant + takes > deadline):
            return None
        self._next = instant + 1 / self.rate
        return instant

    def throttled(self, sent: float) -> None:
        """A call that was made at the instant ``sent`` was refused because of its rate."""
        if sent < self._changed:
            return
        self._base = max(self.rate / 2, self._full * self.FLOOR)
        self._changed = self._clock()
        self._next = max(self._next, self._changed + 1 / self._base)
