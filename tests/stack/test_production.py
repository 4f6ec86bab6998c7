"""compose.yaml under compose.production.yaml, really run, but for a certificate that only the internet could give."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stack.engine import Stack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

PASSWORD = "of-the-tests-only"


@pytest.fixture(scope="module")
def key_and_stack() -> Iterator[tuple[str, Stack]]:
    """The key is made before the start, as there is none without."""
    stack = Stack(
        "compose.yaml",
        "compose.production.yaml",
        DOMAIN="localhost",
        TLS="internal",
        PUBLIC_BIND="127.0.0.1",
        SENTIMENT_KEY_PEPPER="a pepper that is for the tests only",
        MLFLOW_PASSWORD=PASSWORD,
        GRAFANA_PASSWORD=PASSWORD,
    )
    try:
        stack.compose("build", "--quiet", "api")
        made = stack.compose("run", "--rm", "--no-deps", "--no-TTY", "api", "sentiment", "keys", "create", "a-caller")
        [key] = [word for word in made.split() if word.startswith("ta_")]
        stack.start("api", "mlflow", "caddy")
        yield key, stack
    finally:
        stack.end()


def test_the_service_is_reached_through_caddy_with_a_key(key_and_stack: tuple[str, Stack], tmp_path: Path) -> None:
    key, stack = key_and_stack
    trust = stack.root_certificate(tmp_path)
    with httpx.Client(base_url=f"https://localhost:{stack.ports['HTTPS']}", verify=trust, timeout=30) as client:
        question = {"text": "The staff were wonderful."}

        without = client.post("/analyze", json=question)
        answer = client.post("/analyze", json=question, headers={"Authorization": f"Bearer {key}"})

    assert without.status_code == 401
    assert answer.json()["sentiment"]["sentiment"] == "POSITIVE"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{stack.url('API')}/health")


def test_mlflow_asks_for_the_password_that_the_service_has(key_and_stack: tuple[str, Stack]) -> None:
    _, stack = key_and_stack
    address = f"{stack.url('MLFLOW')}/api/2.0/mlflow/experiments/get-by-name?experiment_name=sentiment-service"

    assert httpx.get(address).status_code == 401
    assert eventually(lambda: httpx.get(address, auth=("admin", PASSWORD)).is_success)
