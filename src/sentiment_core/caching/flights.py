"""Single flight: what is being asked already is waited for, not asked again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from sentiment_core.errors import DeadlineExceededError
from sentiment_core.models import Document, Options, Outcome

Ask = Callable[[Mapping[bytes, Document], Options], Awaitable[Mapping[bytes, Outcome]]]


class _Flight:
    """One call of ``ask`` under way; ``waiting`` counts the callers that want something of it."""

    def __init__(self, ask: Ask, wanted: Mapping[bytes, Document], options: Options) -> None:
        self.keys: Collection[bytes] = wanted.keys()
        self.deadline = options.deadline
        self.waiting = 0
        self.task = asyncio.ensure_future(ask(wanted, options))

    def ran_out(self, key: bytes) -> bool:
        return isinstance(self.task.result()[key], DeadlineExceededError)


class Flights:
    """Calls ``ask`` once for documents of one key that several callers want at the same time.

    A caller that goes away leaves the flight to the others; the last one ends it. A flight has the deadline of the
    caller that began it. Who has less time does not join, because what happens within the time of the flight (a
    fallback, say) would come too late for it. Who has more time asks again when the flight ran out.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._under_way: dict[bytes, _Flight] = {}

    def any_under_way(self, keys: Iterable[bytes]) -> bool:
        """Whether any of them is being asked for."""
        return any(key in self._under_way for key in keys)

    async def find(self, wanted: Mapping[bytes, Document], options: Options) -> dict[bytes, Outcome]:
        """The outcome of each document, by its key. Raises what ``ask`` raises."""
        found: dict[bytes, Outcome] = {}
        while wanted:
            flights = self._board(wanted, options)
            await self._wait(set(flights.values()))
            found |= {key: flight.task.result()[key] for key, flight in flights.items()}
            wanted = {
                key: wanted[key]
                for key, flight in flights.items()
                if flight.ran_out(key) and flight.deadline < options.deadline
            }
        return found

    def _board(self, wanted: Mapping[bytes, Document], options: Options) -> dict[bytes, _Flight]:
        joined = {
            key: flight
            for key in wanted
            if (flight := self._under_way.get(key)) and flight.deadline <= options.deadline
        }
        new = {key: document for key, document in wanted.items() if key not in joined}
        return joined | (self._begin(new, options) if new else {})

    def _begin(self, wanted: Mapping[bytes, Document], options: Options) -> dict[bytes, _Flight]:
        flight = _Flight(self._ask, wanted, options)
        flight.task.add_done_callback(lambda _: self._land(flight))
        flights = dict.fromkeys(wanted, flight)
        self._under_way |= flights
        return flights

    async def _wait(self, flights: Collection[_Flight]) -> None:
        for flight in flights:
            flight.waiting += 1
        try:
            await asyncio.wait([flight.task for flight in flights])
        finally:
            for flight in flights:
                self._leave(flight)

    def _leave(self, flight: _Flight) -> None:
        flight.waiting -= 1
        if not flight.waiting and not flight.task.done():
            flight.task.cancel()
            self._land(flight)

    def _land(self, flight: _Flight) -> None:
        for key in flight.keys:
            if self._under_way.get(key) is flight:
                del self._under_way[key]
