"""Comprehend beside our model in a real service: metrics, runs in MLflow, and no text anywhere."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.e2e.serving import CANARY, serve
from tests.mlflow_store import read_runs, sqlite_uri, tolerate_mlflow
from tests.standins.aws import DUMMY_AWS
from tests.standins.comprehend import ComprehendStandIn

TEXTS = [f"The room number {number} was wonderful, and {CANARY} is in Berlin." for number in range(20)]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come about within a minute"
        time.sleep(0.05)


@tolerate_mlflow
def test_a_shadow_and_a_canary_are_measured_and_are_runs_of_their_own(tmp_path: Path) -> None:
    with ComprehendStandIn() as comprehend:
        settings = {
            **DUMMY_AWS,
            "AWS_ENDPOINT_URL_COMPREHEND": comprehend.endpoint_url,
            "SENTIMENT_SHADOW": "comprehend",
            "SENTIMENT_SHADOW_SHARE": "1",
            "SENTIMENT_CANARY": "comprehend",
            "SENTIMENT_CANARY_SHARE": "0.5",
            "SENTIMENT_TRACKING_WINDOW_SECONDS": "1",
        }
        with serve(tmp_path, **settings) as service:
            answers = [httpx.post(f"{service.address}/analyze", json={"text": text}).json() for text in TEXTS]
            until(lambda: 'shadow_sentiments_total{analyzer="comprehend"' in metrics(service.address))
            exposed = metrics(service.address)
            until((tmp_path / "mlflow.db").exists)  # it would be made by who reads it
            until(lambda: len(read_runs(sqlite_uri(tmp_path), "sentiment-service")) == 3)
            service.stop()

    assert ") is asked 100% of the documents as well\n" in service.banner
    assert ") answers 50% of the texts\n" in service.banner
    assert {answer["analyzer"] for answer in answers} == {"embedded", "comprehend"}
    assert 'canary_answers_total{analyzer="embedded",language="en",side="primary"}' in exposed
    assert CANARY not in exposed
    runs = {run.name.split()[0]: run for run in read_runs(sqlite_uri(tmp_path), "sentiment-service")}
    shadow, canary = (
        {name for figures in runs[role].figures.values() for name in figures} for role in ("shadow", "canary")
    )
    assert {"agreement/en", "confidence_difference", "entities_f1", "latency_seconds/shadow/p95"} <= shadow
    assert {"canary/documents", "primary/confidence_mean", "canary/latency_seconds/p95"} <= canary
    assert runs["shadow"].parameters["shadow"] == "comprehend"
    assert {run.ended for run in runs.values()} == {"finished"}
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes(), file


def metrics(address: str) -> str:
    return httpx.get(f"{address}/metrics").text
