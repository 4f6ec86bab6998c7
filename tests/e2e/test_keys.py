"""API keys as an operator meets them: the command line, and a service that was started with them."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import SENTIMENT, Service, environment, serve

PEPPER = "a pepper for the tests, of 40 characters"
NOT_SURELY_LOOPBACK = "127.1"
"""The service takes it for an address that others reach, which it is not: only the resolver knows this spelling."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    return sentiment(data, "keys", "create", "shop").stdout.strip()


@pytest.fixture(scope="module")
def service(data: Path, key: str) -> Iterator[Service]:
    settings = {"SENTIMENT_KEY_PEPPER": PEPPER, "SENTIMENT_TRACKING": "off", "SENTIMENT_LOG_LEVEL": "debug"}
    with serve(data, "--host", NOT_SURELY_LOOPBACK, **settings) as running:
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


def await_status(service: Service, key: str, status: int) -> None:
    end = time.monotonic() + 60
    while ask(service, key) != status:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_where_others_reach_the_service_only_a_key_gets_an_answer(service: Service, data: Path, key: str) -> None:
    assert ask(service, key) == 200
    assert ask(service, key[:-1] + "_") == 401
    assert httpx.post(f"{service.address}/analyze", json={"text": "Great!"}).status_code == 401
    assert httpx.get(f"{service.address}/health").status_code == 200
    assert 'auth_failures_total{reason="wrong_secret"} 1.0' in httpx.get(f"{service.address}/metrics").text

    log = (data / "log").read_text()
    assert key.split("_")[1] in log
    assert key[12:40] not in log
    assert PEPPER not in log


def test_a_key_is_taken_and_refused_again_without_a_restart(service: Service, data: Path) -> None:
    """Row 69. How soon is in tests/unit/core/test_key_watch.py."""
    key = sentiment(data, "keys", "create", "short-lived").stdout.strip()
    await_status(service, key, 200)

    assert sentiment(data, "keys", "revoke", key.split("_")[1]).returncode == 0

    await_status(service, key, 401)


def test_without_a_key_the_service_does_not_start_on_an_address_that_others_reach(tmp_path: Path) -> None:
    result = sentiment(tmp_path, "serve", "--host", NOT_SURELY_LOOPBACK, "--port", "0")

    assert result.returncode == 1
    assert "sentiment keys create" in result.stderr
    assert "SENTIMENT_ALLOW_NO_KEYS=1" in result.stderr


def test_told_that_others_guard_the_port_it_starts_without_keys(tmp_path: Path) -> None:
    settings = {"SENTIMENT_ALLOW_NO_KEYS": "1", "SENTIMENT_TRACKING": "off"}
    with serve(tmp_path, "--host", NOT_SURELY_LOOPBACK, **settings) as service:
        assert ask(service, "none") == 200
