"""The way to Comprehend is the one that AWS's variables and the environment's proxies say."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.analyzers.comprehend import ComprehendAnalyzer, comprehend_client
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.testing.metrics import RecordingMetrics
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn

ENTITIES = Options(frozenset({Feature.ENTITIES}))


async def _ask() -> Outcome:
    async with aclosing(ComprehendAnalyzer(comprehend_client(), metrics=RecordingMetrics())) as analyzer:
        [outcome] = await analyzer.analyze([Document("Great")], ENTITIES)
        return outcome


class Proxy:
    """Answers each request itself, and keeps its head."""

    def __init__(self) -> None:
        self.head = b""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"Entities": []}')
        writer.close()
        await writer.wait_closed()


async def test_a_call_goes_through_the_environments_proxy_with_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND="http://comprehend.invalid/prefix")
    proxy = Proxy()
    async with proxy.listening() as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:word@127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")

        outcome = await _ask()

    assert isinstance(outcome, Analysis)
    assert proxy.head.startswith(b"POST http://comprehend.invalid/prefix/ HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n" in proxy.head
    assert b"Host: comprehend.invalid\r\n" in proxy.head


class Tunnel:
    """A proxy that connects to whatever it is asked for, or answers ``refusal``, and keeps the head of the request."""

    def __init__(self, refusal: bytes = b"") -> None:
        self.head = b""
        self._refusal = refusal
        self._serving = set[asyncio.Task[Any] | None]()

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0, ssl=tls) as server:
            yield server.sockets[0].getsockname()[1]
            await asyncio.gather(*filter(None, self._serving))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        self.head = await reader.readuntil(b"\r\n\r\n")
        if self._refusal:
            writer.write(self._refusal)
            await _close(writer)
            return
        host, _, port = self.head.split()[1].decode().rpartition(":")
        from_endpoint, to_endpoint = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pass_on(reader, to_endpoint), _pass_on(from_endpoint, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
    await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[ComprehendStandIn]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    with ComprehendStandIn(tls=tls) as comprehend:
        yield comprehend


async def test_a_certificate_that_the_bundle_vouches_for_is_taken(
    secure: ComprehendStandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=secure.endpoint_url, AWS_CA_BUNDLE=str(certificate))

    assert isinstance(await _ask(), Analysis)


async def test_nothing_is_sent_to_one_whose_certificate_nobody_vouches_for(
    secure: ComprehendStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=secure.endpoint_url)

    assert isinstance(await _ask(), AnalyzerUnavailableError)
    assert secure.calls == []


async def test_an_encrypted_call_goes_through_a_tunnel_and_the_proxy_sees_nothing_of_it(
    secure: ComprehendStandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=secure.endpoint_url, AWS_CA_BUNDLE=str(certificate))
    tunnel = Tunnel()
    async with tunnel.listening() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:word@127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")

        outcome = await _ask()

    address = secure.endpoint_url.removeprefix("https://").encode()
    assert isinstance(outcome, Analysis)
    assert tunnel.head.startswith(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n" % (address, address))
    assert b"Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n" in tunnel.head
    assert [sorted(header for header in call.headers if "proxy" in header) for call in secure.calls] == [[]]


@pytest.mark.parametrize("refusal", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP"])
async def test_a_proxy_that_opens_no_tunnel_is_unavailable(
    secure: ComprehendStandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch, refusal: bytes
) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=secure.endpoint_url, AWS_CA_BUNDLE=str(certificate))
    async with Tunnel(refusal).listening() as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")

        assert isinstance(await _ask(), AnalyzerUnavailableError)

    assert secure.calls == []


async def test_a_proxy_may_be_encrypted_itself(
    secure: ComprehendStandIn, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=secure.endpoint_url, AWS_CA_BUNDLE=str(certificate))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with Tunnel().listening(tls) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")

        assert isinstance(await _ask(), Analysis)
