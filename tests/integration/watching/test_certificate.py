"""When a certificate expires, as blackbox_exporter with our configuration sees it: also one of an unknown authority."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.watching.rules import PROMETHEUS
from tests.standins.programs import free_port, program, running

EXPIRY = datetime.datetime(2040, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


@pytest.fixture
def https(tmp_path: Path) -> Iterator[str]:
    """HOST:PORT of a server whose certificate expires at EXPIRY, as a client that names no host sees it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path / "server.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def blackbox(tmp_path: Path) -> Iterator[str]:
    command = program("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    port = free_port()
    options = [f"--config.file={PROMETHEUS / 'blackbox.yml'}", f"--web.listen-address=127.0.0.1:{port}"]
    with running(tmp_path / "log", [command, *options], f"http://127.0.0.1:{port}/-/healthy"):
        yield f"http://127.0.0.1:{port}"


def test_the_probe_says_when_the_certificate_expires(https: str, blackbox: str) -> None:
    seen = _probe(blackbox, https)

    assert seen["probe_success"] == 1
    assert seen["probe_ssl_earliest_cert_expiry"] == EXPIRY.timestamp()


def test_the_probe_says_that_nobody_answers(blackbox: str) -> None:
    assert _probe(blackbox, f"127.0.0.1:{free_port()}")["probe_success"] == 0


def _probe(blackbox: str, target: str) -> dict[str, float]:
    text = httpx.get(f"{blackbox}/probe", params={"module": "certificate", "target": target}, timeout=30).text
    samples = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def _certificate(file: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sentiment.example")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(EXPIRY)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    format_, encryption = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, format_, encryption) + certificate.public_bytes(pem))
    return file
