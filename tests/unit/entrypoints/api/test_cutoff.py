import asyncio

import pytest

from entrypoints.api.cutoff import Cutoff


async def wait_to_be_cut(cutoff: Cutoff, *reasons: Exception) -> None:
    for reason in reasons:
        asyncio.get_running_loop().call_soon(cutoff.cut, reason)
    await asyncio.sleep(5)


async def test_a_block_that_is_cut_raises_the_reason_and_the_task_goes_on() -> None:
    with pytest.raises(LookupError), Cutoff() as cutoff:
        await wait_to_be_cut(cutoff, LookupError())

    await asyncio.sleep(0)


async def test_only_the_first_reason_counts() -> None:
    with pytest.raises(LookupError), Cutoff() as cutoff:
        await wait_to_be_cut(cutoff, LookupError(), ValueError())


async def test_a_block_that_is_not_cut_passes_its_own_error_on() -> None:
    with pytest.raises(ValueError, match="own"), Cutoff():
        raise ValueError("own")


async def test_an_outer_block_that_is_cut_ends_an_inner_one_as_well() -> None:
    with pytest.raises(LookupError), Cutoff() as outer, Cutoff():
        await wait_to_be_cut(outer, LookupError())


async def test_a_cancellation_from_outside_stays_one_even_when_the_block_is_cut_as_well() -> None:
    async def work() -> None:
        with Cutoff() as cutoff:
            await wait_to_be_cut(cutoff, LookupError())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_cutoff_needs_a_task() -> None:
    with pytest.raises(RuntimeError), Cutoff():
        pass
