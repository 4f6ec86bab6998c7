"""An answer is judged by whoever has its id: at another replica, after a restart, with nothing remembered."""

import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.serving import SENTIMENT, Service, environment, serve

KEY = "the key that both services have, of 40 characters"


def analyzed(service: Service, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.post(f"{service.address}/analyze", json={"text": text}).json()
    return answer


def judge(service: Service, answer: dict[str, Any], sentiment: str, **more: str) -> httpx.Response:
    return httpx.post(f"{service.address}/feedback", json={"id": answer["id"], "sentiment": sentiment, **more})


def command(data: Path, *arguments: str) -> str:
    result = subprocess.run(
        [str(SENTIMENT), "feedback", *arguments], env=environment(data), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_an_answer_is_judged_after_a_restart_counted_shown_exported_and_deleted(tmp_path: Path) -> None:
    with serve(tmp_path, SENTIMENT_TRACKING="off") as service:
        answer = analyzed(service, "The staff were wonderful.")
        service.stop()
    with serve(tmp_path, SENTIMENT_TRACKING="off") as service:
        verdict = judge(service, answer, "NEGATIVE", text="The staff were wonderful.")
        metrics = httpx.get(f"{service.address}/metrics").text

        assert (verdict.status_code, verdict.json()["right"]) == (201, False)
        assert f'model_version="{answer["model_version"]}",verdict="wrong"}} 1.0' in metrics
        assert "0.000" in command(tmp_path, "stats")
        command(tmp_path, "export", "--training", str(tmp_path / "learnt"))
        assert (tmp_path / "learnt" / "sentiment" / "en.train.parquet").exists()
        command(tmp_path, "delete", "--id", answer["id"])

    assert len(command(tmp_path, "stats").splitlines()) == 1
    assert [file.name for file in tmp_path.glob("feedback.*") if b"wonderful" in file.read_bytes()] == []


def test_replicas_that_share_the_key_read_each_others_ids_and_others_do_not(tmp_path: Path) -> None:
    for name in ("a", "b", "stranger"):
        (tmp_path / name).mkdir()
    with (
        serve(tmp_path / "a", SENTIMENT_TRACKING="off", SENTIMENT_FEEDBACK_KEY=KEY) as a,
        serve(tmp_path / "b", SENTIMENT_TRACKING="off", SENTIMENT_FEEDBACK_KEY=KEY) as b,
        serve(tmp_path / "stranger", SENTIMENT_TRACKING="off") as stranger,
    ):
        answer = analyzed(a, "The staff were wonderful.")

        assert judge(b, answer, "POSITIVE").json()["right"]
        assert judge(stranger, answer, "POSITIVE").json()["code"] == "invalid_answer_id"
