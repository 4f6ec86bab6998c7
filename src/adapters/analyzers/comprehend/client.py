"""Signed calls to Comprehend on the event loop: the AWS JSON 1.1 protocol over aiohttp."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from botocore.httpsession import ProxyConfiguration
from yarl import URL

from adapters.analyzers.comprehend.configuration import Configuration, load_configuration
from adapters.analyzers.comprehend.credentials import CredentialsKeeper
from adapters.analyzers.comprehend.errors import error_of_reply
from adapters.analyzers.comprehend.signing import Signer
from sentiment_core.errors import InvalidReplyError
from sentiment_core.ports import Clock

CONNECTIONS = 48
"""Calls to Comprehend that may be under way at once."""

MAX_REPLY_BYTES = 5_000_000
"""Ten times what 25 texts of 5,000 bytes can bring forth: what is longer is not Comprehend's."""

_TIMEOUT = ClientTimeout(total=None, sock_connect=1, sock_read=3)
"""Seconds; the whole of a call is bounded by its deadline, which the analyzer keeps."""

_USER_AGENT = "sentiment-service"


class ComprehendClient:
    """One call at a time on each of at most ``connections`` connections, which are kept; more calls wait for one.

    A call is made once: nothing is repeated, and a redirect is not followed. A call that is cancelled is over, and its
    connection is closed. Nothing is opened before the first call, which is on the loop of all others.
    """

    def __init__(
        self, configuration: Configuration, *, connections: int = CONNECTIONS, clock: Clock = time.monotonic
    ) -> None:
        self._connections = connections
        self._tls = configuration.tls
        self._credentials = CredentialsKeeper(configuration.credentials, clock)
        self._signer = Signer(configuration.endpoint, configuration.region)
        self._url = URL(configuration.endpoint).with_path(self._signer.path, encoded=True)
        self._proxy = configuration.proxy
        self._proxy_headers = (
            ProxyConfiguration().proxy_headers_for(configuration.proxy) if configuration.proxy else None
        )
        self._session: ClientSession | None = None

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> bytes:
        """The body of the reply. Raises an AnalysisError when the reply is an error, or is too long.

        Whatever else keeps the reply away is an exception of botocore's, aiohttp's or the system's.
        """
        body = msgspec.json.encode(parameters)
        headers = self._signer.headers(operation, body, await self._credentials.get())
        async with self._opened().post(
            self._url,
            data=body,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
        ) as response:
            reply = await _read(response)
        if response.status >= 300:
            raise error_of_reply(response.status, reply, operation)
        return reply

    async def check_credentials(self) -> None:
        """Returns when a call could be signed; raises what botocore raises when there is nothing to sign it with."""
        await self._credentials.get()

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                # AWS closes a connection that was idle for longer than this; one that is closed meanwhile is not used.
                connector=TCPConnector(limit=self._connections, keepalive_timeout=10, ssl=self._tls or True),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": _USER_AGENT},
                skip_auto_headers=["Accept", "Accept-Encoding"],
                auto_decompress=False,
                timeout=_TIMEOUT,
            )
        return self._session

    async def aclose(self) -> None:
        """Closes the connections; a second call does nothing."""
        self._credentials.close()
        if self._session is not None:
            await self._session.close()


def comprehend_client(*, connections: int = CONNECTIONS) -> ComprehendClient:
    """A client that is set up by the standard ``AWS_*`` variables and files.

    Without credentials it still gives a client, whose every call fails. Raises AnalyzerUnavailableError, saying what is
    wrong, when a variable or a file cannot be used at all.
    """
    return ComprehendClient(load_configuration(), connections=connections)


async def _read(response: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_REPLY_BYTES:
            response.close()
            raise InvalidReplyError(f"Amazon Comprehend's reply has more than {MAX_REPLY_BYTES:,} bytes; try again.")
    return bytes(body)
