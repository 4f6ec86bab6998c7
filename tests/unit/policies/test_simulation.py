"""The chain to a paid analyzer through scripted outages: a thousand seeds, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sentiment_core.errors import AnalysisError
from sentiment_core.metric_names import BREAKER_TRANSITIONS
from sentiment_core.models import Analysis, Feature, Outcome
from sentiment_core.resilience import BreakerRules, RetryBudget, State
from sentiment_core.testing import fake_analysis, run_virtually
from tests.unit.policies.simulated_world import BAD, ERRORS, World

BATCHES = range(20)
SEEDS_A_BATCH = 50


async def storm(seed: int) -> None:
    """Half a minute of requests in moods that change, then calm."""
    world = World(seed)
    choice = world.choice
    asked: list[asyncio.Task[Outcome]] = []
    for _ in range(choice.randint(2, 4)):
        mood = choice.choice(["well", "slow", "hanging", "flaky", *ERRORS])
        for feature in Feature:
            world.upstream.moods[feature] = mood if choice.random() < 0.8 else "well"
        for _ in range(choice.randint(3, 10)):
            text = BAD if choice.random() < 0.05 else "text"
            asked += [asyncio.create_task(world.ask(text, choice.uniform(0.3, 8))) for _ in range(choice.randint(1, 2))]
            await asyncio.sleep(choice.expovariate(1))
    outcomes = await asyncio.gather(*asked)

    assert len(world.answers) == len(asked)
    assert world.upstream.too_late == 0
    assert 0 <= world.budget.lowest <= world.budget.tokens <= RetryBudget.TOKENS
    assert all(isinstance(outcome, Analysis | AnalysisError) for outcome in outcomes)
    await world.recover()
    for _ in range(BreakerRules().probes):
        assert await world.ask("text") == fake_analysis()
    assert all(circuit.state is State.CLOSED for circuit in world.circuits.values())


@pytest.mark.parametrize("batch", BATCHES)
def test_every_request_is_answered_once_and_in_time_and_the_breaker_comes_back(batch: int) -> None:
    for seed in range(batch * SEEDS_A_BATCH, (batch + 1) * SEEDS_A_BATCH):
        try:
            run_virtually(storm(seed))
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


async def outage(mood: str) -> World:
    """A minute of twenty requests a second while no call goes well."""
    world = World(seed=1, single=1e3, batch=1e3)
    world.upstream.moods = dict.fromkeys(Feature, mood)
    asked = []
    for _ in range(60 * 20):
        asked.append(asyncio.create_task(world.ask("text")))
        await asyncio.sleep(0.05)
    outcomes = await asyncio.gather(*asked)
    assert not any(isinstance(outcome, Analysis) for outcome in outcomes)
    return world


@pytest.mark.parametrize("mood", ["down", "broken", "throttled", "denied", "hanging"])
def test_an_outage_of_a_minute_costs_at_most_a_tenth_more_calls_than_were_needed_first(mood: str) -> None:
    world = run_virtually(outage(mood))

    assert world.upstream.made <= 1.1 * sum(first.calls for first in world.firsts)


def test_a_broken_upstream_is_hardly_called_at_all_during_an_outage() -> None:
    world = run_virtually(outage("down"))

    assert world.upstream.made < 0.05 * sum(first.calls for first in world.firsts)


def test_an_upstream_that_comes_and_goes_does_not_make_the_breaker_flap() -> None:
    async def run() -> float:
        world = World(seed=2)
        for second in range(300):
            mood = "well" if second // 5 % 2 else "down"
            world.upstream.moods = dict.fromkeys(Feature, mood)
            for _ in range(4):
                await asyncio.gather(*(world.ask("text") for _ in range(2)))
                await asyncio.sleep(0.2)
        return world.metrics.value(BREAKER_TRANSITIONS, "sentiment", "open")

    # Without the doubling it would open with each of the 30 downs.
    assert run_virtually(run()) <= 12


def throughput(callers: int, ask: Callable[[World], Awaitable[object]]) -> float:
    """Documents a second that so many callers, who ask again as soon as they are answered, get under the quota."""

    async def run() -> float:
        world = World(seed=3)
        answered = 0

        async def caller() -> None:
            nonlocal answered
            while world.clock() < 12:
                await ask(world)
                answered += 2 <= world.clock() < 12

        await asyncio.gather(*(caller() for _ in range(callers)))
        assert all(isinstance(outcome, Analysis) for _, outcome in world.answers)
        return answered / 10

    return run_virtually(run())


@pytest.mark.parametrize("callers", [128, 256])
def test_many_callers_get_more_than_eleven_times_what_single_calls_may_answer(callers: int) -> None:
    assert throughput(callers, lambda world: world.ask("text", 60)) / 20 >= (10.5 if callers == 128 else 12)


@pytest.mark.parametrize("callers", [1, 2])
def test_a_caller_or_two_do_not_wait_for_company(callers: int) -> None:
    assert throughput(callers, lambda world: world.ask("text")) == pytest.approx(20, rel=0.01)
