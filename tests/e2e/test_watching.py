"""A real Prometheus, with our configuration and rules, watches real services: rules work, panels have data."""

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.serving import Service, serve
from tests.integration.watching.dashboards import Query, queries
from tests.integration.watching.rules import PROMETHEUS, metrics_of, rules
from tests.standins.aws import DUMMY_AWS
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.prometheus import PrometheusServer, prometheus

WINDOW = "5m"
ROUNDS = 2
"""Of requests: a rate is seen between two scrapes, both of which have the series."""
SECONDS = 60
"""In which what happened is to be seen, on a busy machine."""

ALL_IS_WELL = {
    "Population stability index": "the documents are too few for a number",
    "Versions of registered models, per hour": "no model of a registry is followed",
    "Since the registry named a model's version": "no model of a registry is followed",
}
NOTHING_TO_SHOW = {
    "embedded": {
        "Errors by code": "nothing failed",
        "Fit": "no model stands by",
        **ALL_IS_WELL,
    },
    "comprehend": {
        "Errors by code": "nothing failed",
        "Breaker, changes per minute": "no breaker opened",
        "Fallback": "Comprehend answers",
        "Failed by the canary": "nothing failed",
        "Not compared": "nothing failed",
        **ALL_IS_WELL,
    },
}
"""Panels that have nothing to show while all is well, by the analyzer that answers, and why."""


MACHINE_IS_BUSY = {"LatencyBurnsFast", "LatencyBurnsSlowly"}
"""Alerts that may be right to fire."""


class Watched:
    """What Prometheus sees, and the instances by the analyzer that answers."""

    def __init__(self, prometheus: PrometheusServer, instances: dict[str, str]) -> None:
        self.prometheus = prometheus
        self.instances = instances

    def has_data(self, query: Query, analyzer: str) -> bool:
        samples = self.prometheus.query(query.filled_in(self.instances[analyzer], WINDOW))
        return any(not math.isnan(float(sample["value"][1])) for sample in samples)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with ExitStack() as stack:
        comprehend = stack.enter_context(ComprehendStandIn())
        services = {
            "embedded": stack.enter_context(serve(tmp_path_factory.mktemp("embedded"), SENTIMENT_TRACKING="off")),
            "comprehend": stack.enter_context(
                serve(
                    tmp_path_factory.mktemp("comprehend"),
                    SENTIMENT_ANALYZER="comprehend",
                    SENTIMENT_TRACKING="off",
                    SENTIMENT_BUDGET_USD_PER_DAY="10",
                    SENTIMENT_SHADOW="embedded",
                    SENTIMENT_SHADOW_SHARE="1",
                    SENTIMENT_CANARY="embedded",
                    SENTIMENT_CANARY_SHARE="0.5",
                    AWS_ENDPOINT_URL_COMPREHEND=comprehend.endpoint_url,
                    **DUMMY_AWS,
                )
            ),
        }
        instances = {name: service.address.removeprefix("http://") for name, service in services.items()}
        server = stack.enter_context(prometheus(tmp_path_factory.mktemp("prometheus"), _configuration(instances)))
        _wait_until(lambda: len(server.query('up{job="api"} == 1')) == len(services))
        for number in range(1, ROUNDS + 1):
            for service in services.values():
                _load(service, number)
            _wait_until(lambda number=number: _seen(server, number) == len(services))
        _wait_until(lambda: _recorded(server) > 0)
        yield Watched(server, instances)


@pytest.mark.parametrize("analyzer", NOTHING_TO_SHOW)
def test_every_panel_has_data(watched: Watched, analyzer: str) -> None:
    asked = [query for query in queries() if analyzer == "comprehend" or not _is_of_others(query)]
    empty = {query.panel for query in asked if not watched.has_data(query, analyzer)}

    assert empty <= set(NOTHING_TO_SHOW[analyzer])


def test_every_rule_works_and_no_alert_fires_for_nothing(watched: Watched) -> None:
    seen = {rule["name"]: rule for rule in watched.prometheus.rules()}

    assert {name: rule["lastError"] for name, rule in seen.items() if rule["health"] != "ok"} == {}
    assert set(seen) == set(rules("alert")) | set(rules("record"))
    assert {name for name, rule in seen.items() if rule.get("state") == "firing"} <= MACHINE_IS_BUSY


def test_what_the_alerts_ask_for_is_there(watched: Watched) -> None:
    asked = {metric for alert in rules("alert").values() for metric in metrics_of(alert["expr"])}
    missing = {metric for metric in asked if not watched.prometheus.query(metric)}

    assert missing <= {
        *("probe_success", "probe_ssl_earliest_cert_expiry"),  # nobody speaks TLS here
        *("model_registry_away", "model_read_timestamp_seconds"),  # no model of a registry is followed
        "population_stability_index",  # of models that have a reference
    }


def _is_of_others(query: Query) -> bool:
    """Of cost, upstream, shadow or canary: the service with the embedded model pays for nothing and has no other."""
    beside = any(metric.startswith(("shadow_", "canary_")) for metric in metrics_of(query.expression))
    return beside or query.board == "sentiment-upstream"


def _configuration(instances: dict[str, str]) -> dict[str, Any]:
    """Ours with other intervals, without what is not there, and with addresses of this machine."""
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(PROMETHEUS / pattern) for pattern in configuration["rule_files"]]
    del configuration["alerting"]
    (api,) = [job for job in configuration["scrape_configs"] if job["job_name"] == "api"]
    configuration["scrape_configs"] = [{**api, "static_configs": [{"targets": list(instances.values())}]}]
    return configuration


def _load(service: Service, number: int) -> None:
    """Requests for one text, each twice since the second answer is cached, one for several, and two verdicts."""
    texts = [f"The staff in Lisbon were wonderful, day {day} of week {number}." for day in range(4)]
    documents = [{"text": f"It rained, and {text}"} for text in texts]
    with httpx.Client(base_url=service.address, timeout=60) as client:
        answers = [client.post("/analyze", json={"text": text}) for text in texts * 2]
        answers.append(client.post("/analyze/batch", json={"documents": documents}))
        verdicts = [_judge(client, answer.json(), right) for answer, right in zip(answers, (True, False), strict=False)]
    assert {answer.status_code for answer in answers} == {200}
    assert {verdict.status_code for verdict in verdicts} == {201}


def _judge(client: httpx.Client, answer: dict[str, Any], right: bool) -> httpx.Response:
    said = answer["sentiment"]["sentiment"]
    other = "NEGATIVE" if said == "POSITIVE" else "POSITIVE"
    return client.post("/feedback", json={"id": answer["id"], "sentiment": said if right else other})


def _seen(server: PrometheusServer, number: int) -> int:
    """Services of which Prometheus has seen so many rounds."""
    return len(server.query(f'request_count_total{{route="/analyze/batch"}} >= {number}'))


def _recorded(server: PrometheusServer) -> int:
    return len(server.query("job:request_errors:ratio_rate3d >= 0 and job:request_slow:ratio_rate3d >= 0"))


def _wait_until(condition: Any) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)
