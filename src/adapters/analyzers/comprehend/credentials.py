"""AWS credentials that are there when a call is to be signed."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from sentiment_core.ports import Clock

if TYPE_CHECKING:
    from botocore.credentials import Credentials, ReadOnlyCredentials

PAUSE_S = 5.0
"""From the begin of a refresh to the next: whoever gives the credentials may be slow, or away."""


class CredentialsKeeper:
    """Gives the credentials that ``source`` holds, and has it renew them in time on a thread of its own.

    While they hold, nobody waits for new ones, nor hears that there are none yet. When they have run out, or there
    never were any, all calls wait for one refresh, and have its error.
    """

    def __init__(self, source: "Credentials | None", clock: Clock = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._held: ReadOnlyCredentials | None = None
        self._refresh: asyncio.Future[ReadOnlyCredentials] | None = None
        self._next_refresh = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aws-credentials")

    async def get(self) -> "ReadOnlyCredentials":
        """Raises what botocore raises when there are none to be had."""
        source = self._source
        if source is None:
            raise NoCredentialsError
        if not isinstance(source, RefreshableCredentials):
            return source.get_frozen_credentials()
        if self._held is None or source.refresh_needed():
            refresh = self._refreshed(source)
            if self._held is None or source.refresh_needed(refresh_in=0):
                return await asyncio.shield(refresh)
        return self._held

    def _refreshed(self, source: RefreshableCredentials) -> "asyncio.Future[ReadOnlyCredentials]":
        """The refresh that is under way, or was a moment ago, or begins now."""
        now = self._clock()
        if self._refresh is None or (self._refresh.done() and now >= self._next_refresh):
            self._next_refresh = now + PAUSE_S
            loop = asyncio.get_running_loop()
            self._refresh = loop.run_in_executor(self._thread, _refresh, source)
            self._refresh.add_done_callback(self._hold)
        return self._refresh

    def _hold(self, refresh: "asyncio.Future[ReadOnlyCredentials]") -> None:
        if not refresh.cancelled() and refresh.exception() is None:
            self._held = refresh.result()

    def close(self) -> None:
        """Leaves a refresh that is under way to itself: a thread cannot be stopped."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _refresh(source: RefreshableCredentials) -> "ReadOnlyCredentials":
    try:
        return source.get_frozen_credentials()
    except RuntimeError as error:  # botocore's word for new credentials that have run out already
        raise CredentialRetrievalError(provider=source.method, error_msg=str(error)) from error
