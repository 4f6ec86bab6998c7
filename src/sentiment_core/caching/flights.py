"""Single flight: what is being asked already is waited for, not asked again."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Mapping

from sentiment_core.errors import DeadlineExceededError
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.ports import Clock

Ask = Callable[[Mapping[bytes, Document], Options], Awaitable[Mapping[bytes, Outcome]]]


class _Flight:
    """One call of ``ask`` under way; ``waiting`` counts the callers that want something of it."""

    def __init__(self, ask: Ask, wanted: Mapping[bytes, Document], options: Options) -> None:
        self.keys: Collection[bytes] = wanted.keys()
        self.deadline = options.deadline
        self.waiting = 0
        self.task = asyncio.ensure_future(ask(wanted, options))

    def outcome(self, key: bytes) -> Outcome:
        if not self.task.done():
            return DeadlineExceededError("The deadline passed before the analyzer answered: allow it more time.")
        return self.task.result()[key]


class Flights:
    """Calls ``ask`` once for documents of one key that several callers want at the same time.

    Each caller stops waiting at its own deadline. One that goes away leaves the flight to the others; the last one
    ends it. A flight has the deadline of the caller that began it: who joined it and has more time asks again when it
    ran out.
    """

    def __init__(self, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._under_way: dict[bytes, _Flight] = {}

    async def find(self, wanted: Mapping[bytes, Document], options: Options) -> dict[bytes, Outcome]:
        """The outcome of each document, by its key. Raises what ``ask`` raises."""
        found: dict[bytes, Outcome] = {}
        while wanted:
            flights = self._board(wanted, options)
            await self._wait(set(flights.values()), options.deadline)
            found |= {key: flight.outcome(key) for key, flight in flights.items()}
            wanted = {
                key: wanted[key]
                for key, flight in flights.items()
                if isinstance(found[key], DeadlineExceededError)
                and flight.task.done()
                and flight.deadline < options.deadline
            }
        return found

    def _board(self, wanted: Mapping[bytes, Document], options: Options) -> dict[bytes, _Flight]:
        new = {key: document for key, document in wanted.items() if key not in self._under_way}
        if new:
            flight = _Flight(self._ask, new, options)
            flight.task.add_done_callback(lambda _: self._land(flight))
            self._under_way |= dict.fromkeys(new, flight)
        return {key: self._under_way[key] for key in wanted}

    async def _wait(self, flights: Collection[_Flight], deadline: float) -> None:
        for flight in flights:
            flight.waiting += 1
        try:
            for flight in flights:
                await asyncio.wait((flight.task,), timeout=self._patience(flight, deadline))
        finally:
            for flight in flights:
                self._leave(flight)

    def _patience(self, flight: _Flight, deadline: float) -> float | None:
        """Seconds. A flight of one's own keeps the deadline itself, and may have answered a part of its documents."""
        if deadline in (flight.deadline, math.inf):
            return None
        return max(0.0, deadline - self._clock())

    def _leave(self, flight: _Flight) -> None:
        flight.waiting -= 1
        if not flight.waiting and not flight.task.done():
            flight.task.cancel()
            self._land(flight)

    def _land(self, flight: _Flight) -> None:
        for key in flight.keys:
            if self._under_way.get(key) is flight:
                del self._under_way[key]
