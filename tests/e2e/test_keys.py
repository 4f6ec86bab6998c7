"""API keys as an operator meets them: the command line, and a service that was started with them."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import SENTIMENT, Service, environment, serve

PEPPER = "a pepper for the tests, of 40 characters"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    return sentiment(data, "keys", "create", "shop").stdout.strip()


@pytest.fixture(scope="module")
def service(data: Path, key: str) -> Iterator[Service]:
    settings = {"SENTIMENT_KEYS": "on", "SENTIMENT_KEY_PEPPER": PEPPER, "SENTIMENT_TRACKING": "off"}
    with serve(data, **settings, SENTIMENT_LOG_LEVEL="debug") as running:
        yield running


def sentiment(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SENTIMENT), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(data, **{"SENTIMENT_KEY_PEPPER": PEPPER, **settings}),
        check=False,
    )


def ask(service: Service, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{service.address}/analyze", json={"text": "Great!"}, headers=headers).status_code


def await_status(service: Service, key: str, status: int) -> float:
    """The seconds that it took. Waits longer than it may take: the machine may have other things to do."""
    start = time.monotonic()
    while ask(service, key) != status:
        assert time.monotonic() < start + 30
        time.sleep(0.02)
    return time.monotonic() - start


def test_a_key_is_printed_alone_once_and_then_only_named(data: Path, key: str) -> None:
    listed = sentiment(data, "keys", "list").stdout

    assert key.startswith("ta_")
    assert key.split("_")[1] in listed
    assert "shop" in listed
    assert "in force" in listed
    assert key[12:] not in listed


def test_the_file_of_keys_is_the_owners_and_holds_no_secret(data: Path, key: str) -> None:
    file = data / "keys.db"

    assert file.stat().st_mode & 0o777 == 0o600
    assert key[12:].encode() not in file.read_bytes()


def test_with_keys_on_only_a_key_gets_an_answer(service: Service, key: str) -> None:
    assert ask(service, key) == 200
    assert ask(service, key[:-1] + "_") == 401
    assert httpx.post(f"{service.address}/analyze", json={"text": "Great!"}).status_code == 401
    assert httpx.get(f"{service.address}/health").status_code == 200
    assert 'auth_failures_total{reason="wrong_secret"} 1.0' in httpx.get(f"{service.address}/metrics").text


def test_a_key_is_taken_and_refused_again_without_a_restart(service: Service, data: Path) -> None:
    """Row 69. The store is read every 0.5 s (tests/unit/core/test_key_watch.py)."""
    key = sentiment(data, "keys", "create", "short-lived").stdout.strip()
    await_status(service, key, 200)

    assert sentiment(data, "keys", "revoke", key.split("_")[1]).returncode == 0

    await_status(service, key, 401)
    assert "revoked" in sentiment(data, "keys", "list").stdout


def test_a_key_expires_without_a_restart(service: Service, data: Path) -> None:
    days = str(3 / 86_400)
    key = sentiment(data, "keys", "create", "brief", "--expires-days", days).stdout.strip()

    await_status(service, key, 401)


def test_no_secret_is_in_the_log(service: Service, data: Path, key: str) -> None:
    ask(service, key)
    ask(service, key[:-1] + "_")
    log = (data / "log").read_text()

    assert key[12:40] not in log
    assert PEPPER not in log


def test_a_pepper_may_be_in_a_file(data: Path, tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text(f"{PEPPER}\n")
    settings = {"SENTIMENT_KEY_PEPPER": "", "SENTIMENT_KEY_PEPPER_FILE": str(tmp_path / "pepper")}

    assert sentiment(data, "keys", "create", "from a file", **settings).returncode == 0


@pytest.mark.parametrize("pepper", ["", "short", "changeme-changeme-changeme-changeme", "x" * 40])
def test_a_missing_or_a_placeholder_pepper_is_refused_with_what_to_do(data: Path, pepper: str) -> None:
    """Row 82."""
    result = sentiment(data, "keys", "create", "nothing", SENTIMENT_KEY_PEPPER=pepper)

    assert result.returncode == 1
    assert "SENTIMENT_KEY_PEPPER" in result.stderr
    assert "openssl rand" in result.stderr
    assert result.stdout == ""


def test_an_unknown_id_cannot_be_revoked(data: Path) -> None:
    result = sentiment(data, "keys", "revoke", "aaaaaaaa")

    assert result.returncode == 1
    assert "sentiment keys list" in result.stderr


def test_without_a_key_the_service_does_not_start_on_an_address_that_others_reach(tmp_path: Path) -> None:
    result = sentiment(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0")

    assert result.returncode == 1
    assert "sentiment keys create" in result.stderr
    assert "SENTIMENT_ALLOW_NO_KEYS=1" in result.stderr


def test_nor_with_a_key_that_is_revoked(tmp_path: Path) -> None:
    key = sentiment(tmp_path, "keys", "create", "gone").stdout.strip()
    sentiment(tmp_path, "keys", "revoke", key.split("_")[1])

    assert sentiment(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0").returncode == 1


def test_told_that_others_guard_the_port_it_starts_without_keys(tmp_path: Path) -> None:
    settings = {"SENTIMENT_ALLOW_NO_KEYS": "1", "SENTIMENT_TRACKING": "off"}
    with serve(tmp_path, "--host", "0.0.0.0", **settings) as service:
        port = service.address.rpartition(":")[2]
        answer = httpx.post(f"http://127.0.0.1:{port}/analyze", json={"text": "Great!"})

    assert answer.status_code == 200


def test_doctor_says_how_it_stands_with_keys(data: Path, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    result = sentiment(data, "doctor", SENTIMENT_KEYS="on", SENTIMENT_PORT=port)

    assert "API keys" in result.stdout
    assert "in force" in result.stdout
