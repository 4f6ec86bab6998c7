import asyncio
import logging

import pytest

from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.testing import run_virtually


def test_its_steps_are_taken_in_turn_until_it_is_stopped() -> None:
    async def main() -> None:
        times: list[float] = []

        async def work() -> None:
            times.append(asyncio.get_running_loop().time())

        loop = BackgroundLoop(lambda: asyncio.sleep(10.0), work)
        loop.start()
        await asyncio.sleep(35.0)
        await loop.stop()
        await asyncio.sleep(35.0)

        assert times == [10.0, 20.0, 30.0]

    run_virtually(main())


async def test_stopping_before_the_start_does_nothing() -> None:
    async def work() -> None:
        raise AssertionError("this was never begun")

    await BackgroundLoop(work).stop()


async def test_stopping_cuts_a_step_under_way_short_and_waits_for_its_end() -> None:
    begun = asyncio.Event()
    ended = False

    async def work() -> None:
        nonlocal ended
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended = True

    loop = BackgroundLoop(work)
    loop.start()
    await begun.wait()
    await loop.stop()

    assert ended


def test_a_step_that_raises_is_logged_once_and_taken_again(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        tries: list[float] = []

        async def work() -> None:
            tries.append(asyncio.get_running_loop().time())
            if len(tries) in (1, 2, 4):
                raise KeyError("surprise")

        loop = BackgroundLoop(work, lambda: asyncio.sleep(10.0))
        loop.start()
        await asyncio.sleep(45.0)
        await loop.stop()

        assert tries == [0.0, 10.0, 20.0, 30.0, 40.0]

    run_virtually(main())

    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]  # of the tries 1 and 4
    assert all(record.exc_info and isinstance(record.exc_info[1], KeyError) for record in caplog.records)
