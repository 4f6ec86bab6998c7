"""Alertmanager tells whom the environment names; an alert of ours arrives."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.watching.rules import PROMETHEUS, ROOT, rules
from tests.standins.programs import program
from tests.standins.prometheus import alertmanager, prometheus

START = ROOT / "ops" / "alertmanager" / "start.sh"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:sentiment-alerts"
WEBHOOK = "https://hooks.example.com/services/T0/B0?key=a&b=c|d"
SECONDS = 90
"""In which an alert is waited for, on a busy machine."""


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, set()),
        ({"ALERT_SNS_TOPIC_ARN": TOPIC}, {"sns_configs"}),
        ({"ALERT_WEBHOOK_URL": WEBHOOK}, {"webhook_configs"}),
        ({"ALERT_SNS_TOPIC_ARN": TOPIC, "ALERT_WEBHOOK_URL": WEBHOOK}, {"sns_configs", "webhook_configs"}),
    ],
    ids=["nobody", "sns", "webhook", "both"],
)
def test_who_is_told_comes_from_the_environment(tmp_path: Path, environment: dict[str, str], told: set[str]) -> None:
    amtool = program("amtool", "prometheus-alertmanager")
    assert _start(tmp_path, environment).returncode == 0
    file = tmp_path / "alertmanager.yml"

    checked = subprocess.run([amtool, "check-config", str(file)], capture_output=True, text=True, check=False)
    (receiver,) = yaml.safe_load(file.read_text())["receivers"]

    assert checked.returncode == 0, checked.stderr
    assert set(receiver) - {"name"} == told
    assert receiver.get("webhook_configs", [{"url": WEBHOOK}])[0]["url"] == WEBHOOK
    assert receiver.get("sns_configs", [{"sigv4": {"region": "eu-west-1"}}])[0]["sigv4"] == {"region": "eu-west-1"}
    assert file.stat().st_mode & 0o077 == 0, "a webhook's URL is a secret"


def test_a_value_that_would_break_the_configuration_is_refused(tmp_path: Path) -> None:
    result = _start(tmp_path, {"ALERT_WEBHOOK_URL": "http://a'b"})

    assert result.returncode == 1
    assert "ALERT_WEBHOOK_URL" in result.stderr


def test_every_alert_that_inhibits_or_is_inhibited_is_one_of_ours() -> None:
    configuration = yaml.safe_load((START.parent / "alertmanager.yml").read_text())
    matchers = [
        matcher
        for rule in configuration["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        if matcher.startswith("alertname")
    ]

    assert matchers
    assert {matcher.split(" = ")[1] for matcher in matchers} <= set(rules("alert"))


def test_an_alert_arrives(received: "queue.Queue[dict[str, Any]]", webhook: str, tmp_path: Path) -> None:
    """Our configuration and rules without their waiting, and nobody where the service should be."""
    with alertmanager(tmp_path, ALERT_WEBHOOK_URL=webhook) as address, prometheus(tmp_path, _quick(tmp_path, address)):
        while True:
            alerts = received.get(timeout=SECONDS)["alerts"]
            labels = [alert["labels"] for alert in alerts if alert["status"] == "firing"]
            if any(label["alertname"] == "TargetDown" and label["job"] == "api" for label in labels):
                break

    (alert,) = [alert for alert in alerts if alert["labels"]["job"] == "api"]
    assert alert["labels"]["severity"] == "page"
    assert alert["annotations"] == {
        "summary": "api at 127.0.0.1:9 cannot be scraped",
        "runbook": "docs/runbook.md#targetdown",
    }


def _quick(folder: Path, alertmanager_address: str) -> dict[str, Any]:
    """Our configuration with other intervals and addresses of this machine."""
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    configuration["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [alertmanager_address]}]
    (api,) = [job for job in configuration["scrape_configs"] if job["job_name"] == "api"]
    api["static_configs"] = [{"targets": ["127.0.0.1:9"]}]  # discard: nobody listens
    configuration["scrape_configs"] = [api]
    configuration["rule_files"] = [str(_without_waiting(folder))]
    return configuration


def _without_waiting(folder: Path) -> Path:
    groups = yaml.safe_load((PROMETHEUS / "rules" / "alerts.yml").read_text())["groups"]
    for group in groups:
        for rule in group["rules"]:
            rule.pop("for", None)
    file = folder / "alerts.yml"
    file.write_text(yaml.safe_dump({"groups": groups}))
    return file


def _start(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """start.sh with a program in Alertmanager's place that ends at once."""
    fake = folder / "alertmanager"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    variables = {"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": str(folder), **environment}
    return subprocess.run(["/bin/sh", str(START)], env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def received() -> "queue.Queue[dict[str, Any]]":
    return queue.Queue()


@pytest.fixture
def webhook(received: "queue.Queue[dict[str, Any]]") -> Iterator[str]:
    """The URL of somebody who is told."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
