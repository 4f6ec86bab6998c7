"""Signed calls to Comprehend on the event loop: the AWS JSON 1.1 protocol."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.analyzers.comprehend.configuration import Configuration, load_configuration
from adapters.analyzers.comprehend.credentials import CredentialsKeeper
from adapters.analyzers.comprehend.errors import error_of_reply
from adapters.analyzers.comprehend.pool import ConnectionPool
from adapters.analyzers.comprehend.route import Route
from adapters.analyzers.comprehend.signing import Signer
from sentiment_core.ports import Clock

CONNECTIONS = 48
"""Calls to Comprehend that may be under way at once."""

_USER_AGENT = "sentiment-service"


class ComprehendClient:
    """One call at a time on each of at most ``connections`` connections, which are kept; more calls wait for one.

    A call is made once: nothing is repeated, and a redirect is not followed. A call that is cancelled is over, and its
    connection is closed. Nothing is opened before the first call, which is on the loop of all others.
    """

    def __init__(
        self, configuration: Configuration, *, connections: int = CONNECTIONS, clock: Clock = time.monotonic
    ) -> None:
        self._credentials = CredentialsKeeper(configuration.credentials, clock)
        self._signer = Signer(configuration.endpoint, configuration.region)
        route = Route(configuration.endpoint, configuration.tls, configuration.proxy)
        self._first_line = f"POST {route.origin}{self._signer.path} HTTP/1.1"
        self._headers = {"User-Agent": _USER_AGENT, **route.headers}
        self._pool = ConnectionPool(route.connect, connections)

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> bytes:
        """The body of the reply. Raises an AnalysisError when the reply is an error, or is too long.

        Whatever else keeps the reply away is an exception of botocore's, httptools' or the system's.
        """
        body = msgspec.json.encode(parameters)
        headers = self._signer.headers(operation, body, await self._credentials.get())
        reply = await self._pool.ask(self._head({**headers, **self._headers, "Content-Length": len(body)}) + body)
        if reply.status >= 300:
            raise error_of_reply(reply.status, reply.body, operation)
        return reply.body

    def _head(self, headers: Mapping[str, object]) -> bytes:
        lines = [self._first_line, *[f"{name}: {value}" for name, value in headers.items()], "", ""]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
            raise ValueError("A header has a line break.")  # credentials may have been read from anywhere
        return head.encode()

    async def check_credentials(self) -> None:
        """Returns when a call could be signed; raises what botocore raises when there is nothing to sign it with."""
        await self._credentials.get()

    async def aclose(self) -> None:
        """Closes the connections; a second call does nothing."""
        self._credentials.close()
        self._pool.close()


def comprehend_client(*, connections: int = CONNECTIONS) -> ComprehendClient:
    """A client that is set up by the standard ``AWS_*`` variables and files.

    Without credentials it still gives a client, whose every call fails. Raises AnalyzerUnavailableError, saying what is
    wrong, when a variable or a file cannot be used at all.
    """
    return ComprehendClient(load_configuration(), connections=connections)
