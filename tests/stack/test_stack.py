"""compose.yaml really run: each service answers, reaches whom it needs and nobody else, and can do no harm.

The last test ends the stack, so these run in their order and in one process.
"""

import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack.engine import Stack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

SERVICES = ("api", "api2", "redis", "mlflow", "prometheus", "alertmanager", "caddy", "blackbox")
TEXT = "The staff were wonderful."


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    stack = Stack("compose.yaml", "tests/stack/compose.test.yaml", UPSTREAMS="api:8000 api2:8000")
    try:
        stack.start()
        yield stack
    finally:
        stack.end()


def ask(address: str, text: str = TEXT) -> Any:
    return httpx.post(f"{address}/analyze", json={"text": text}, timeout=30).raise_for_status().json()


def test_the_service_answers_on_the_loopback_and_nowhere_else(stack: Stack) -> None:
    assert ask(stack.url("API"))["sentiment"]["sentiment"] == "POSITIVE"

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent:
        unsent.connect(("192.0.2.1", 9))  # nothing is sent: it tells the machine's other address
        address = unsent.getsockname()[0]
    assert not address.startswith("127.")
    for port in stack.ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, port), timeout=5)


def test_what_one_replica_answered_is_known_to_the_other(stack: Stack) -> None:
    """The other is asked nothing but what the first has just answered; a Redis that is slow for once is no miss."""
    other = "http://" + stack.compose("port", "api2", "8000").strip()
    days = count()

    def hits() -> float:
        text = f"We flew to Berlin with Lufthansa on day {next(days)}."
        assert ask(stack.url("API"), text)["entities"] == ask(other, text)["entities"]
        [line] = re.findall(
            r'^cache_lookups_total{result="hit"} (.*)', httpx.get(f"{other}/metrics").text, re.MULTILINE
        )
        return float(line)

    assert eventually(hits)


def test_prometheus_scrapes_the_service_by_its_name_and_its_rules_are_in_order(stack: Stack) -> None:
    def up() -> set[str]:
        answer = httpx.get(f"{stack.url('PROMETHEUS')}/api/v1/query", params={"query": "up == 1"}).json()
        return {series["metric"]["instance"] for series in answer["data"]["result"]}

    eventually(lambda: {"api:8000", "alertmanager:9093", "localhost:9090"} <= up())
    groups = httpx.get(f"{stack.url('PROMETHEUS')}/api/v1/rules").json()["data"]["groups"]
    files = {Path(group["file"]).name for group in groups}
    assert files == {file.name for file in Path("ops/prometheus/rules").glob("*.yml") if "- name:" in file.read_text()}
    assert [rule["lastError"] for group in groups for rule in group["rules"] if rule.get("lastError")] == []
    managers = httpx.get(f"{stack.url('PROMETHEUS')}/api/v1/alertmanagers").json()["data"]["activeAlertmanagers"]
    assert [manager["url"] for manager in managers] == ["http://alertmanager:9093/api/v2/alerts"]


def test_the_certificate_is_watched(stack: Stack) -> None:
    def expiry() -> Any:
        query = {"query": "probe_ssl_earliest_cert_expiry"}
        return httpx.get(f"{stack.url('PROMETHEUS')}/api/v1/query", params=query).json()["data"]["result"]

    [series] = eventually(expiry, 240)
    assert series["metric"]["instance"] == "caddy:443"


def test_alertmanager_answers(stack: Stack) -> None:
    assert httpx.get(f"{stack.url('ALERTMANAGER')}/api/v2/status").json()["versionInfo"]


def runs(stack: Stack) -> list[Any]:
    address = f"{stack.url('MLFLOW')}/api/2.0/mlflow"
    experiment = httpx.get(f"{address}/experiments/get-by-name", params={"experiment_name": "sentiment-service"})
    if not experiment.is_success:
        return []
    wanted = {"experiment_ids": [experiment.json()["experiment"]["experiment_id"]]}
    found = httpx.post(f"{address}/runs/search", json=wanted).json().get("runs", [])
    return [run for run in found if "params" in run["data"]]  # a run is there before its parameters are


def test_each_service_is_a_run_in_mlflow(stack: Stack) -> None:
    running = eventually(lambda: found if len(found := runs(stack)) == 2 else [])

    parameters = [{item["key"]: item["value"] for item in run["data"]["params"]} for run in running]
    assert {each["analyzer"] for each in parameters} == {"embedded"}
    assert httpx.get(stack.url("MLFLOW")).is_success


def test_mlflow_has_its_unsafe_defaults_off(stack: Stack) -> None:
    environment = dict(line.partition("=")[::2] for line in stack.inside("mlflow", "env").stdout.splitlines())

    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert environment["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert httpx.get(stack.url("MLFLOW"), headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("service", ["prometheus", "alertmanager", "caddy", "blackbox", "redis"])
def test_who_has_no_business_with_mlflow_does_not_find_it(stack: Stack, service: str) -> None:
    assert stack.inside("api", "getent hosts mlflow").returncode == 0
    assert stack.inside(service, "getent hosts api").returncode == 0
    assert stack.inside(service, "getent hosts mlflow").returncode != 0


def test_redis_reaches_nothing_outside(stack: Stack) -> None:
    routes = stack.inside("redis", "cat /proc/net/route").stdout.splitlines()[1:]

    assert routes
    assert not [route for route in routes if route.split()[1] == "00000000"]


@pytest.fixture(scope="module")
def trust(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return stack.root_certificate(tmp_path_factory.mktemp("caddy"))


def test_caddy_serves_https_by_its_own_authority(stack: Stack, trust: ssl.SSLContext) -> None:
    address = f"https://localhost:{stack.ports['HTTPS']}"

    answer = httpx.post(f"{address}/analyze", json={"text": TEXT}, verify=trust, timeout=30)

    assert answer.json()["sentiment"]["sentiment"] == "POSITIVE"
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{address}/health")
    plain = httpx.get(f"http://localhost:{stack.ports['HTTP']}/schema")
    assert (plain.status_code, plain.headers["location"]) == (308, "https://localhost/schema")


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/./metrics", "/METRICS"])
def test_metrics_are_not_for_the_world(stack: Stack, trust: ssl.SSLContext, path: str) -> None:
    response = httpx.get(f"https://localhost:{stack.ports['HTTPS']}{path}", verify=trust)

    assert (response.status_code, "request_count" in response.text) == (404, False)


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_no_harm(stack: Stack, service: str) -> None:
    """No user but its own, no capability, none to be had, nothing to write on but its volume and a small /tmp."""
    status = dict(line.split(":\t", 1) for line in stack.inside(service, "cat /proc/1/status").stdout.splitlines())
    root = stack.inside(service, "touch /x /usr/x /etc/x")
    run = stack.inside(service, "cp /bin/true /tmp/x && /tmp/x")

    assert "0" not in status["Uid"].split()
    assert [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd")] == [0] * 5
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert (root.returncode, root.stderr.count("Read-only file system")) == (1, 3), root.stderr
    assert run.returncode != 0, "what is written to /tmp runs"
    host = stack.inspect(service)["HostConfig"]
    assert 0 < host["Memory"] <= 2**30
    assert 0 < host["PidsLimit"] <= 256
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert not host["Privileged"]


def test_the_image_has_no_compiler_no_installer_and_no_training_library(stack: Stack) -> None:
    assert stack.inside("api", "command -v gcc cc c++ make || command -v /opt/sentiment/bin/pip").returncode != 0
    assert "No module named" in stack.inside("api", "python -c 'import torch'").stderr


def test_what_is_published_is_what_is_declared(stack: Stack) -> None:
    published = {
        (service, binding["HostIp"], int(binding["HostPort"]))
        for service in SERVICES
        for bindings in (stack.inspect(service)["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or []
        if service != "api2"
    }

    assert published == {
        ("api", "127.0.0.1", stack.ports["API"]),
        ("mlflow", "127.0.0.1", stack.ports["MLFLOW"]),
        ("prometheus", "127.0.0.1", stack.ports["PROMETHEUS"]),
        ("alertmanager", "127.0.0.1", stack.ports["ALERTMANAGER"]),
        ("caddy", "127.0.0.1", stack.ports["HTTP"]),
        ("caddy", "127.0.0.1", stack.ports["HTTPS"]),
    }


def test_a_killed_service_comes_back_by_itself(stack: Stack) -> None:
    """kill -9 from outside the engine: what the engine kills itself counts as the operator's wish."""
    killed = stack.inspect("api")["State"]["Pid"]
    os.kill(killed, signal.SIGKILL)

    eventually(lambda: stack.inspect("api")["State"]["Pid"] not in (killed, 0))
    eventually(lambda: httpx.get(f"{stack.url('API')}/health/ready").is_success)
    assert stack.inspect("api")["RestartCount"] == 1
    assert ask(stack.url("API"))["sentiment"]["sentiment"] == "POSITIVE"


def test_sigterm_ends_the_service_and_its_run_in_order(stack: Stack) -> None:
    stack.compose("stop", "api2")

    assert stack.inspect("api2")["State"]["ExitCode"] == 0
    assert [run for run in runs(stack) if run["info"]["status"] == "FINISHED"]


def test_down_leaves_no_container_no_volume_and_no_network(stack: Stack) -> None:
    stack.end()

    assert [stack.left(kind) for kind in ("containers", "volumes", "networks")] == [[], [], []]
