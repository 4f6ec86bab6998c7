"""Who waits for whom when several want the same."""

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.caching.flights import Flights
from sentiment_core.errors import DeadlineExceededError, ThrottledError
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.testing import fake_analysis, run_virtually


class Asked:
    """Answers after ``seconds`` of virtual time, or at the deadline if that is before.

    ``at_once`` is the most calls for one key that were under way at a time.
    """

    def __init__(self, seconds: float = 1.0, outcome: Outcome | Exception | None = None) -> None:
        self.seconds = seconds
        self.outcome = outcome or fake_analysis()
        self.calls: list[str] = []
        self.cancelled = 0
        self.at_once = 0
        self._under_way: Counter[bytes] = Counter()
        self.flights = Flights(self._ask)

    async def find(self, texts: str, deadline: float = math.inf) -> list[Outcome]:
        wanted = {text.encode(): Document(text) for text in texts}
        found = await self.flights.find(wanted, Options(deadline=deadline))
        return [found[key] for key in wanted]

    def start(self, texts: str, deadline: float = math.inf) -> "asyncio.Task[list[Outcome]]":
        return asyncio.create_task(self.find(texts, deadline))

    async def _ask(self, wanted: Mapping[bytes, Document], options: Options) -> Mapping[bytes, Outcome]:
        self.calls.append("".join(document.text for document in wanted.values()))
        self._under_way.update(wanted.keys())
        self.at_once = max(self.at_once, *self._under_way.values())
        left = options.deadline - asyncio.get_running_loop().time()
        try:
            await asyncio.sleep(min(self.seconds, left))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self._under_way.subtract(wanted.keys())
        outcome = DeadlineExceededError("Late.") if left < self.seconds else self.outcome
        if isinstance(outcome, Analysis | DeadlineExceededError | ThrottledError):
            return dict.fromkeys(wanted, outcome)
        raise outcome


def now() -> float:
    return asyncio.get_running_loop().time()


def test_what_several_want_at_once_is_asked_once() -> None:
    async def main() -> None:
        asked = Asked()

        outcomes = await asyncio.gather(asked.find("ab"), asked.find("bc"), asked.find("a"))

        assert asked.calls == ["ab", "c"]
        assert [len(found) for found in outcomes] == [2, 2, 1]
        assert now() == 1.0

    run_virtually(main())


def test_what_was_found_is_asked_again_later() -> None:
    async def main() -> None:
        asked = Asked()
        await asked.find("a")
        await asked.find("a")

        assert asked.calls == ["a", "a"]

    run_virtually(main())


@pytest.mark.parametrize("leaver", [0, 1], ids=["the one who began it", "one who joined"])
def test_a_caller_that_goes_away_leaves_the_flight_to_the_others(leaver: int) -> None:
    async def main() -> None:
        asked = Asked()
        callers = [asked.start("a") for _ in range(2)]
        await asyncio.sleep(0.5)
        callers.pop(leaver).cancel()

        [outcome] = await callers[0]

        assert isinstance(outcome, Analysis)
        assert (asked.calls, asked.cancelled) == (["a"], 0)

    run_virtually(main())


def test_the_last_caller_that_goes_away_ends_the_flight_and_nobody_joins_it_any_more() -> None:
    async def main() -> None:
        asked = Asked()
        callers = [asked.start("a"), asked.start("a")]
        await asyncio.sleep(0.5)
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)

        [outcome] = await asked.find("a")

        assert isinstance(outcome, Analysis)
        assert (asked.calls, asked.cancelled) == (["a", "a"], 1)

    run_virtually(main())


def test_who_has_less_time_begins_a_flight_of_its_own_which_others_join() -> None:
    """Also when the first one has ended."""

    async def main() -> None:
        asked = Asked(seconds=1.0)
        patient = asked.start("a", deadline=10.0)
        await asyncio.sleep(0.5)
        hurried = asked.start("a", deadline=2.0)
        await asyncio.sleep(0.7)
        assert (patient.done(), hurried.done()) == (True, False)
        another = asked.start("a", deadline=3.0)

        outcomes = await asyncio.gather(patient, hurried, another)

        assert all(isinstance(outcome, Analysis) for [outcome] in outcomes)
        assert asked.calls == ["a", "a"]

    run_virtually(main())


def test_who_joined_with_more_time_asks_again_when_the_flight_ran_out() -> None:
    async def main() -> None:
        asked = Asked(seconds=3.0)
        hurried = asked.start("a", deadline=2.0)
        await asyncio.sleep(0)
        others = [asked.start("a", deadline=9.0) for _ in range(3)]

        assert isinstance((await hurried)[0], DeadlineExceededError)
        assert all(isinstance(outcome, Analysis) for [outcome] in await asyncio.gather(*others))
        assert asked.calls == ["a", "a"]
        assert now() == 5.0

    run_virtually(main())


def test_another_failure_is_everybody_s_and_not_asked_again() -> None:
    async def main() -> None:
        asked = Asked(outcome=ThrottledError("Slow down."))

        outcomes = await asyncio.gather(asked.find("a", deadline=2.0), asked.find("a", deadline=9.0))

        assert all(isinstance(outcome, ThrottledError) for [outcome] in outcomes)
        assert asked.calls == ["a"]

    run_virtually(main())


def test_a_bug_is_raised_to_everybody() -> None:
    async def main() -> None:
        asked = Asked(outcome=ZeroDivisionError())

        results = await asyncio.gather(asked.find("a"), asked.find("a"), return_exceptions=True)

        assert [type(result) for result in results] == [ZeroDivisionError] * 2

    run_virtually(main())


def test_who_began_the_flight_gets_what_was_answered_until_the_deadline() -> None:
    """Otherwise one late document would take a thousand answered ones with it."""

    async def ask(wanted: Mapping[bytes, Document], options: Options) -> Mapping[bytes, Outcome]:
        await asyncio.sleep(options.deadline - now())
        return {b"a": fake_analysis(), b"b": DeadlineExceededError("Late.")}

    async def main() -> None:
        flights = Flights(ask)

        found = await flights.find({b"a": Document("a"), b"b": Document("b")}, Options(deadline=2.0))

        assert [type(outcome) for outcome in found.values()] == [Analysis, DeadlineExceededError]

    run_virtually(main())


BEGINS = st.floats(0, 10)
SOME = st.sets(st.sampled_from("abc"), min_size=1)
SECONDS = st.floats(0.1, 5)


@given(callers=st.lists(st.tuples(BEGINS, SOME, SECONDS, st.none() | SECONDS), max_size=12), seconds=SECONDS)
def test_everybody_who_stays_is_answered_by_its_deadline_and_nothing_is_left_behind(
    callers: list[tuple[float, set[str], float, float | None]], seconds: float
) -> None:
    async def main() -> None:
        asked = Asked(seconds)

        async def call(begin: float, texts: set[str], patience: float, leaves: float | None) -> None:
            await asyncio.sleep(begin)
            deadline = now() + patience
            with contextlib.suppress(TimeoutError):
                outcomes = await asyncio.wait_for(asked.find("".join(texts), deadline), leaves)
                assert len(outcomes) == len(texts)
                assert now() <= deadline + 1e-6

        await asyncio.gather(*(call(*caller) for caller in callers))

        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(main())


@given(callers=st.lists(st.tuples(BEGINS, st.sampled_from("abc")), max_size=12), seconds=SECONDS, patience=SECONDS)
def test_nothing_is_asked_twice_at_once_by_callers_who_have_the_same_time(
    callers: list[tuple[float, str]], seconds: float, patience: float
) -> None:
    async def main() -> None:
        asked = Asked(seconds)

        async def call(begin: float, text: str) -> None:
            await asyncio.sleep(begin)
            await asked.find(text, now() + patience)

        await asyncio.gather(*(call(*caller) for caller in callers))

        assert asked.at_once <= 1

    run_virtually(main())
