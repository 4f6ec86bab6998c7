"""What compose makes of the stack on the machine that Terraform makes."""

import ipaddress
import json
import re
from typing import Any

import pytest

from tests.infra.terraform import MODULE, ROOT
from tests.stack.engine import compose, compose_program
from tests.test_compose import PRODUCTION, SECRETS

pytestmark = pytest.mark.skipif(compose_program() is None, reason="there is no docker compose")

CALL_AWS = {"api", "mlflow", "alertmanager"}
ON_AWS = (*PRODUCTION, "-f", "ops/deploy/compose.aws.yaml", "--profile", "tls")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    result = compose(*ON_AWS, "config", "--format", "json", **SECRETS, AWS_REGION="eu-west-1", LOG_GROUP="/logs")
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout)["services"])


def test_every_container_logs_to_cloudwatch(services: dict[str, Any]) -> None:
    assert {service["logging"]["driver"] for service in services.values()} == {"awslogs"}
    assert all("max-size" not in service["logging"]["options"] for service in services.values())


def test_only_those_that_call_aws_have_addresses_that_reach_the_metadata_service(services: dict[str, Any]) -> None:
    """The machine's role is its containers' through that service; user data drops what others send there."""
    script = (ROOT / MODULE / "user-data.sh.tftpl").read_text()
    [sources] = re.findall(r"-s (\S+) -d 169\.254\.169\.254 -j ACCEPT", script)
    admitted = [ipaddress.ip_network(source) for source in sources.split(",")]
    fixed = {
        (name, network["ipv4_address"])
        for name, service in services.items()
        for network in service["networks"].values()
        if network
    }

    assert {name for name, _ in fixed} == CALL_AWS
    assert all(any(ipaddress.ip_address(address) in network for network in admitted) for _, address in fixed)


def test_the_api_is_published_for_the_smoke_test_on_the_loopback_only(services: dict[str, Any]) -> None:
    assert [(port["host_ip"], port["published"]) for port in services["api"]["ports"]] == [("127.0.0.1", "8000")]
