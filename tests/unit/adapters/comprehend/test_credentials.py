"""Credentials are there when a call is to be signed; nobody waits for new ones while the old ones hold."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from adapters.analyzers.comprehend.credentials import PAUSE_S, CredentialsKeeper

HOURS = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
"""Less than is left when botocore renews them."""


def _metadata(key: str, left: timedelta) -> dict[str, str]:
    until = (datetime.now(UTC) + left).isoformat()
    return {"access_key": key, "secret_key": "secret", "token": "token", "expiry_time": until}


def _refreshable(left: timedelta, refresh: Callable[[], dict[str, str]]) -> RefreshableCredentials:
    return RefreshableCredentials.create_from_metadata(_metadata("old", left), refresh, "test")


class Source:
    """Gives ``new`` credentials once the gate is open; ``calls`` counts how often it was asked."""

    def __init__(self, *, opened: bool = True, fails: bool = False, left: timedelta = HOURS) -> None:
        self.gate = threading.Event()
        self.calls = 0
        self.threads: set[int] = set()
        self._fails = fails
        self._left = left
        if opened:
            self.gate.set()

    def __call__(self) -> dict[str, str]:
        self.calls += 1
        self.threads.add(threading.get_ident())
        self.gate.wait(30)
        if self._fails:
            raise CredentialRetrievalError(provider="test", error_msg="away")
        return _metadata("new", self._left)


async def test_without_a_source_there_are_none() -> None:
    with pytest.raises(NoCredentialsError):
        await CredentialsKeeper(None).get()


async def test_fixed_ones_are_given_at_once() -> None:
    assert (await CredentialsKeeper(Credentials("key", "secret")).get()).access_key == "key"


async def test_ones_that_hold_are_given_without_asking_for_new_ones() -> None:
    source = Source()
    keeper = CredentialsKeeper(_refreshable(HOURS, source))

    assert [(await keeper.get()).access_key for _ in range(3)] == ["old"] * 3
    assert source.calls == 0


async def test_while_new_ones_are_fetched_the_old_ones_serve() -> None:
    source = Source()
    credentials = _refreshable(HOURS, source)
    keeper = CredentialsKeeper(credentials)
    await keeper.get()
    source.gate.clear()
    credentials._expiry_time = datetime.now(UTC) + MINUTE

    served = [(await keeper.get()).access_key for _ in range(3)]
    source.gate.set()
    async with asyncio.timeout(30):
        while (await keeper.get()).access_key != "new":  # noqa: ASYNC110 - the thread tells nobody
            await asyncio.sleep(0.001)

    assert served == ["old"] * 3
    assert source.calls == 1
    assert threading.get_ident() not in source.threads


async def test_ones_that_hold_serve_though_new_ones_are_not_to_be_had() -> None:
    source = Source(fails=True)
    credentials = _refreshable(HOURS, source)
    now = 0.0
    keeper = CredentialsKeeper(credentials, lambda: now)
    await keeper.get()
    credentials._expiry_time = datetime.now(UTC) + MINUTE

    now += PAUSE_S
    served = []
    for _ in range(3):
        served.append((await keeper.get()).access_key)
        await asyncio.sleep(0.01)

    assert served == ["old"] * 3
    assert source.calls == 1


async def test_when_they_have_run_out_all_wait_for_one_refresh() -> None:
    source = Source(opened=False)
    keeper = CredentialsKeeper(_refreshable(-MINUTE, source))
    waiting = [asyncio.create_task(keeper.get()) for _ in range(5)]
    await asyncio.sleep(0.01)

    waiting[0].cancel()
    source.gate.set()
    given = await asyncio.gather(*waiting[1:])

    assert {credentials.access_key for credentials in given} == {"new"}
    assert source.calls == 1


async def test_without_any_the_refusal_is_everybodys_and_the_source_is_asked_again_after_a_pause() -> None:
    source = Source(fails=True)
    now = 0.0
    keeper = CredentialsKeeper(_refreshable(-MINUTE, source), lambda: now)

    for _ in range(2):
        with pytest.raises(CredentialRetrievalError):
            await keeper.get()
    now += PAUSE_S
    with pytest.raises(CredentialRetrievalError):
        await keeper.get()

    assert source.calls == 2


async def test_new_ones_that_have_run_out_are_none() -> None:
    with pytest.raises(CredentialRetrievalError, match="still expired"):
        await CredentialsKeeper(_refreshable(-MINUTE, Source(left=-MINUTE))).get()
