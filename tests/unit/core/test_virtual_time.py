import asyncio

import pytest

from sentiment_core.testing import run_virtually


async def test_time_runs_for_its_own_loop_only() -> None:
    """The loop of this very test is a real one; a virtual one beside it takes no time off it."""

    async def sleep() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    assert await asyncio.to_thread(lambda: run_virtually(sleep())) == 86_400


def test_timers_come_in_their_order_at_their_time() -> None:
    async def sleepers() -> list[tuple[str, float]]:
        awoken: list[tuple[str, float]] = []

        async def sleep(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            awoken.append((name, asyncio.get_running_loop().time()))

        await asyncio.gather(sleep("c", 3.5), sleep("a", 0.25), sleep("b", 3.0))
        return awoken

    assert run_virtually(sleepers()) == [("a", 0.25), ("b", 3.0), ("c", 3.5)]


def test_waiting_for_what_nobody_will_do_is_an_error_instead_of_a_hang() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer left"):
        run_virtually(wait())
