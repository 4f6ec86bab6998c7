"""The service as a newcomer meets it: a real process, real HTTP, the real model."""

import contextlib
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import SENTIMENT, Service, environment, serve


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serve(tmp_path_factory.mktemp("service"), SENTIMENT_TRACKING_WINDOW_SECONDS="1") as running:
        yield running


def test_the_start_says_where_everything_is(service: Service) -> None:
    names = [line.split("  ")[0] for line in service.banner.splitlines()]

    assert names == ["API", "Documentation", "Metrics", "Analyzer", "Runs"]
    assert "embedded" in service.banner
    assert "mlflow.db" in service.banner


def test_the_first_request_is_answered_in_the_documented_shape(service: Service) -> None:
    text = "The staff were wonderful. We flew to Berlin with Lufthansa on 3 May 2024."

    response = httpx.post(f"{service.address}/analyze", json={"text": text})

    answer = response.json()
    assert response.status_code == 200
    assert answer["sentiment"]["sentiment"] == "POSITIVE"
    assert set(answer["sentiment"]["scores"]) == {"Positive", "Negative", "Neutral", "Mixed"}
    assert {"text": "Berlin", "type": "LOCATION"}.items() <= answer["entities"][0].items()
    assert all(text[item["begin"] : item["end"]] == item["text"] for item in answer["entities"] + answer["key_phrases"])
    assert answer["model_version"].startswith("sentiment-embedded-")
    assert (answer["language"], answer["analyzer"]) == ("en", "embedded")
    assert (answer["degraded"], answer["degraded_reason"]) == (False, None)
    assert len(answer["id"]) > 32


def test_a_bad_document_of_a_batch_leaves_its_neighbours_alone(service: Service) -> None:
    documents = [
        {"id": "a", "text": "Great!"},
        {"id": "b", "text": ""},
        {"id": "c", "text": "Das Essen war schrecklich.", "language": "auto"},
        {"id": "d", "text": "x" * 100_001},
        {"id": "e", "text": "Goed", "language": "nl"},
        {"id": "f", "text": 7},
    ]

    response = httpx.post(f"{service.address}/analyze/batch", json={"documents": documents})

    results = response.json()["results"]
    assert response.status_code == 200
    assert [result["id"] for result in results] == list("abcdef")
    assert results[0]["analysis"]["language"] == "en"
    assert results[2]["analysis"]["language"] == "de"
    assert results[1]["error"]["code"] == "invalid_text"
    assert results[3]["error"]["code"] == "text_too_long"
    assert results[4]["error"]["code"] == "unsupported_language"
    assert "error" in results[5]


def test_health_readiness_and_documentation_answer(service: Service) -> None:
    assert httpx.get(f"{service.address}/health").json() == {"status": "healthy"}
    assert httpx.get(f"{service.address}/health/ready").status_code == 200
    assert httpx.get(f"{service.address}/", follow_redirects=True).headers["content-type"].startswith("text/html")


def test_metrics_count_what_was_answered(service: Service) -> None:
    httpx.post(f"{service.address}/analyze", json={"text": "Great!"})

    text = httpx.get(f"{service.address}/metrics").text

    for family in (
        "request_count_total",
        "request_latency_seconds",
        "error_count_total",
        "sentiment_count_total",
        "active_requests",
        "text_length",
        "sentiment_confidence",
        "entities_per_text",
        "comprehend_latency_seconds",
        "queue_depth",
        "analyzer_info",
        "build_info",
    ):
        assert f"# TYPE {family} " in text, family
    assert '\nsentiment_count_total{sentiment="POSITIVE"} ' in text
    assert "_created" not in text


def test_sigterm_finishes_what_is_in_flight_and_the_run_is_recorded(tmp_path: Path) -> None:
    with serve(tmp_path, SENTIMENT_TRACKING_WINDOW_SECONDS="3600") as service:
        _wait_for_a_run(tmp_path / "mlflow.db")
        documents = [
            {"text": f"The room number {number} was lovely but the food was awful. " * 5} for number in range(1_000)
        ]
        answers: list[httpx.Response] = []
        client = threading.Thread(
            target=lambda: answers.append(
                httpx.post(f"{service.address}/analyze/batch", json={"documents": documents}, timeout=60)
            )
        )
        client.start()
        while "\nactive_requests 2" not in httpx.get(f"{service.address}/metrics").text:  # that and this one
            assert client.is_alive()
        code = service.stop()
        client.join()

    assert code == 0
    assert len(answers[0].json()["results"]) == 1_000
    assert _query(tmp_path / "mlflow.db", "select status from runs") == [("FINISHED",)]
    assert _query(tmp_path / "mlflow.db", "select max(value) from metrics where key = 'documents'") == [(1_000.0,)]
    assert "room number" not in (tmp_path / "log").read_text()


def test_a_taken_port_gets_a_message_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = _sentiment(tmp_path, "serve", "--port", str(port))

    assert result.returncode == 1
    assert f"port {port}: Address already in use" in result.stderr
    assert "sentiment serve --port" in result.stderr


def test_every_mistake_in_the_settings_is_said_at_once(tmp_path: Path) -> None:
    result = _sentiment(tmp_path, "serve", SENTIMENT_ANALYSER="x", SENTIMENT_PORT="http")

    assert result.returncode == 1
    assert "did you mean SENTIMENT_ANALYZER?" in result.stderr
    assert "SENTIMENT_PORT" in result.stderr


def test_comprehend_without_credentials_says_what_to_set(tmp_path: Path) -> None:
    settings = {"SENTIMENT_ANALYZER": "comprehend", "SENTIMENT_FALLBACK": "off", "HOME": str(tmp_path)}

    result = _sentiment(tmp_path, "serve", "--port", "0", **settings)

    assert result.returncode == 1
    assert "AWS_ACCESS_KEY_ID" in result.stderr
    assert "Traceback" not in result.stderr


def test_comprehend_without_credentials_is_stood_in_for_and_says_so(tmp_path: Path) -> None:
    with serve(tmp_path, SENTIMENT_ANALYZER="comprehend", HOME=str(tmp_path)) as service:
        answer = httpx.post(f"{service.address}/analyze", json={"text": "The staff were wonderful"}).json()

    assert (answer["analyzer"], answer["degraded"]) == ("embedded", True)
    assert answer["degraded_reason"] == "credentials"
    assert "AWS_ACCESS_KEY_ID" in (tmp_path / "log").read_text()


def test_piped_texts_give_a_json_object_each(tmp_path: Path) -> None:
    result = _sentiment(tmp_path, "analyze", stdin="The staff were wonderful\n\nDas Essen war schrecklich\n")

    first, empty, last = result.stdout.splitlines()
    assert '"sentiment":"POSITIVE"' in first
    assert '"code":"invalid_text"' in empty
    assert '"language":"de"' in last
    assert result.returncode == 1


def test_doctor_finds_a_fresh_installation_in_order(tmp_path: Path) -> None:
    result = _sentiment(tmp_path, "doctor", SENTIMENT_PORT="0")

    assert result.returncode == 0, result.stdout
    assert "analyzer" in result.stdout
    assert "NO " not in result.stdout
    subjects = {line[4:18].rstrip() for line in result.stdout.splitlines()}
    assert not {"model registry", "canary", "shadow"} & subjects, "they are said only where they are set"


def test_doctor_says_how_to_mend_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = _sentiment(tmp_path, "doctor", SENTIMENT_PORT="0", SENTIMENT_DATA_DIR=str(tmp_path / "file"))

    assert result.returncode == 1
    assert "Set SENTIMENT_DATA_DIR" in result.stdout


def test_doctor_asks_for_the_models_that_the_settings_name(tmp_path: Path) -> None:
    names = {"ANALYZER": "models:/sentiment@champion", "CANARY": "models:/sentiment@challenger", "SHADOW": "embedded"}
    result = _sentiment(tmp_path, "doctor", SENTIMENT_PORT="0", **{f"SENTIMENT_{role}": names[role] for role in names})

    assert result.returncode == 1
    marks = {line[4:18].rstrip(): line[:2] for line in result.stdout.splitlines()}
    assert [marks[subject] for subject in ("model registry", "canary", "shadow")] == ["NO", "--", "ok"]
    assert "sentiment models list" in result.stdout


def _wait_for_a_run(database: Path) -> None:
    """The store is made in the background, which takes some seconds; a run that has not begun cannot end."""
    end = time.monotonic() + 90
    while not (database.exists() and _query(database, "select status from runs")):
        assert time.monotonic() < end
        time.sleep(0.1)


def _query(database: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=rw", uri=True)) as connection:
        return connection.execute(query).fetchall()


def _sentiment(data: Path, *arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SENTIMENT), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(data, **settings),
        check=False,
    )
