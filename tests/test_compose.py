"""What compose makes of compose.yaml, alone and under the production override: what is published, and what is refused.

Whether it runs is for tests/stack.
"""

import json
from typing import Any

import pytest

from tests.stack.engine import compose, compose_program

pytestmark = pytest.mark.skipif(compose_program() is None, reason="there is no docker compose")

PRODUCTION = ("-f", "compose.yaml", "-f", "compose.production.yaml")
SECRETS = {
    "DOMAIN": "text.example.com",
    "TLS": "operator@example.com",
    "SENTIMENT_KEY_PEPPER": "of any kind",
    "MLFLOW_PASSWORD": "of some length",
    "GRAFANA_PASSWORD": "of another length",
}


def services(*arguments: str, **environment: str) -> dict[str, Any]:
    result = compose(*arguments, "config", "--format", "json", **environment)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout)["services"])


def published(services: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (name, port["host_ip"], port["published"])
        for name, service in services.items()
        for port in service.get("ports", [])
    }


def test_by_itself_everything_is_reached_from_this_machine_only() -> None:
    assert published(services("--profile", "tls")) == {
        ("api", "127.0.0.1", "8000"),
        ("mlflow", "127.0.0.1", "5000"),
        ("prometheus", "127.0.0.1", "9090"),
        ("alertmanager", "127.0.0.1", "9093"),
        ("grafana", "127.0.0.1", "3000"),
        ("caddy", "127.0.0.1", "8080"),
        ("caddy", "127.0.0.1", "8443"),
    }
    assert "caddy" not in services()


def test_every_port_and_their_address_can_be_changed() -> None:
    changed = {f"{name}_PORT": str(number) for number, name in enumerate(("API", "MLFLOW", "PROMETHEUS"), 1001)}

    ports = published(services(ADMIN_BIND="10.0.0.5", **changed))

    assert ("api", "10.0.0.5", "1001") in ports
    assert ("mlflow", "10.0.0.5", "1002") in ports
    assert ("prometheus", "10.0.0.5", "1003") in ports


def test_in_production_caddy_alone_is_published_to_the_world() -> None:
    ports = published(services(*PRODUCTION, **SECRETS))

    assert {port for port in ports if port[1] != "127.0.0.1"} == {
        ("caddy", "0.0.0.0", "80"),
        ("caddy", "0.0.0.0", "443"),
    }
    assert "api" not in {name for name, _, _ in ports}


def test_only_where_none_but_this_machine_reaches_it_does_the_service_ask_for_no_key() -> None:
    assert services()["api"]["environment"]["SENTIMENT_ALLOW_NO_KEYS"] == "1"
    assert "SENTIMENT_ALLOW_NO_KEYS" not in services(*PRODUCTION, **SECRETS)["api"]["environment"]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [None, ""])
def test_in_production_a_missing_secret_is_said_by_name(name: str, value: str | None) -> None:
    rest = {key: secret for key, secret in SECRETS.items() if key != name}

    result = compose(*PRODUCTION, "config", "--quiet", **rest, **({} if value is None else {name: value}))

    assert result.returncode != 0
    assert f"required variable {name} is missing a value: is not set - " in result.stderr


@pytest.mark.parametrize("arguments", [("--profile", "tls"), PRODUCTION], ids=["default", "production"])
def test_every_service_is_confined_limited_pinned_and_restarted(arguments: tuple[str, ...]) -> None:
    for name, service in services(*arguments, **SECRETS).items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"].partition(":")[0] not in ("", "0", "root"), name
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["pids_limit"], name
        assert service["restart"] == "unless-stopped", name
        assert service["logging"]["options"]["max-size"], name
        assert ":" in service["image"], name
        assert not service["image"].endswith(":latest"), name
        assert not [each for each in service.get("volumes", []) if "docker.sock" in each["source"]], name


def test_mlflow_shares_a_network_with_the_service_and_with_nobody_else() -> None:
    everybody = services("--profile", "tls")
    [network] = everybody["mlflow"]["networks"]

    assert {name for name, service in everybody.items() if network in service["networks"]} == {"api", "mlflow"}
