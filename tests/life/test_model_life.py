"""A model's life, as a team lives it: trained, evaluated, registered, promoted, served, followed and rolled back.

Every step is the command that a person types, with a real MLflow server on SQLite and (moto's) S3.
"""

import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from adapters.analyzers.onnx.bundle import MANIFEST
from sentiment_core.promotion import GateReport
from tests.e2e.serving import SENTIMENT, Service, environment, serve
from tests.life.hotel_texts import PATTERNS, write_hotel_texts
from tests.mlflow_store import read_runs, tolerate_mlflow
from tests.standins.mlflow_server import MlflowStack, mlflow_on_s3, mlflow_program

pytestmark = [
    tolerate_mlflow,
    pytest.mark.skipif(mlflow_program() is None, reason="MLFLOW_SERVER names no mlflow of the full distribution"),
    pytest.mark.timeout(1_200),
]

CHAMPION = "models:/sentiment@champion"
NOTICE_SECONDS = 60
TEXT = "The hotel was wonderful."
NO_HURRY = ("--max-p99-ms", "60000", "--max-slowdown", "1000")
"""The machine that runs this may have other things to do."""


class Team:
    """Types commands, all in one environment."""

    def __init__(self, folder: Path, stack: MlflowStack) -> None:
        self.folder = folder
        self.stack = stack
        self.data = write_hotel_texts(folder / "texts")
        self.settings = {"MLFLOW_TRACKING_URI": stack.mlflow, "SENTIMENT_MODEL_KEY": "k8" * 20, **stack.variables}

    def types(self, *command: str | Path, fails: bool = False) -> str:
        """What the command prints; it is to end well, unless it ``fails``."""
        done = subprocess.run(
            [str(SENTIMENT), *map(str, command)],
            env=environment(self.folder, **self.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def serving(self) -> Iterator[Service]:
        (self.folder / "service").mkdir()
        settings = {"SENTIMENT_ANALYZER": CHAMPION, "SENTIMENT_MODEL_POLL_SECONDS": "1", **self.settings}
        with serve(self.folder / "service", **settings) as service:
            yield service


class Callers:
    """Ask without a pause, from the beginning of the block to its end."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(4)]
        self.versions: list[str] = []
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, version: str) -> None:
        """Until the latest answer is from that version."""
        give_up = time.monotonic() + NOTICE_SECONDS
        while not self.versions or self.versions[-1] != version:
            assert time.monotonic() < give_up, f"{version} never answered: {set(self.versions)} {self.failures[:3]}"
            time.sleep(0.1)

    def _ask(self, caller: int) -> None:
        number = 0
        while not self._done.is_set():
            number += 1
            try:
                answer = _analyze(self._address, f"Guest {caller}.{number}: {TEXT}")
            except OSError as error:
                self.failures.append(str(error))
                continue
            if answer["degraded"]:
                self.failures.append(answer["degraded_reason"])
            self.versions.append(answer["model_version"])


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with mlflow_on_s3(tmp_path_factory.mktemp("mlflow")) as stack:
        yield Team(tmp_path_factory.mktemp("team"), stack)


def test_a_models_life(team: Team) -> None:
    output = team.folder / "output"
    team.types("train", team.data, "--output", output, "--size", "small", "--steps", "240")
    [training] = read_runs(team.stack.mlflow, "sentiment-training")
    assert training.ended == "finished"

    assert "sentiment/1 is registered, as challenger." in team.types("models", "register", output / "model")
    assert "is the champion." in team.types("models", "promote", team.data, *NO_HURRY)
    team.types("evaluate", team.data, "--analyzer", CHAMPION)
    [evaluation] = read_runs(team.stack.mlflow, "sentiment-evaluation")
    assert evaluation.ended == "finished"

    with team.serving() as service, Callers(service.address) as callers:
        callers.wait_for("sentiment/1")

        team.types("models", "register", _other(output / "model", team.folder / "second", sharper=1.05))
        promoted = team.types("models", "promote", team.data, *NO_HURRY)
        assert "sentiment/2 is the champion." in promoted
        callers.wait_for("sentiment/2")

        team.types("models", "register", _other(output / "model", team.folder / "upside-down", sharper=-1.0))
        refused = team.types("models", "promote", team.data, *NO_HURRY, fails=True)
        assert "sentiment/3 is refused." in refused
        assert _report(team, version=3).passed is False

        assert "sentiment/1 is the champion again." in team.types("models", "rollback")
        callers.wait_for("sentiment/1")

    assert callers.failures == []
    assert set(callers.versions) == {"sentiment/1", "sentiment/2"}


def test_a_refusal_says_what_is_worse_and_where(team: Team) -> None:
    report = _report(team, version=3)

    broken = {rule.name for rule in report.rules if not rule.passed}
    assert {"golden texts", "mean"} <= broken
    assert broken & set(PATTERNS)
    assert any("sentiment_macro_f1" in reason for reason in report.reasons)


def test_the_versions_are_listed_with_what_the_gate_said(team: Team) -> None:
    listed = team.types("models", "list").splitlines()

    assert [line.split()[0] for line in listed[1:]] == ["sentiment/3", "sentiment/2", "sentiment/1"]
    assert [line.split()[-1] for line in listed[1:]] == ["refused", "passed", "passed"]
    assert "champion" in listed[3]


def _other(model: Path, folder: Path, sharper: float) -> Path:
    """The same model with another blend of its branches; below 0 it says the opposite."""
    manifest = json.loads((model / MANIFEST).read_bytes())
    manifest["blend"] |= {branch: manifest["blend"][branch] * sharper for branch in ("wide", "deep")}
    manifest["model_version"] = folder.name
    folder.mkdir()
    for name in manifest["files"]:
        os.link(model / name, folder / name)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def _report(team: Team, version: int) -> GateReport:
    """The gate's report, as it is kept with the version."""
    from entrypoints.container import model_registry
    from entrypoints.settings import Settings
    from sentiment_core.registry import ModelReference

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", team.stack.mlflow)
        registry = model_registry(Settings())
    content = registry.read(registry.find(ModelReference("sentiment", version)), "gate.json")
    return msgspec.json.decode(content, type=GateReport)


def _analyze(address: str, text: str) -> dict[str, str]:
    request = urllib.request.Request(
        f"{address}/analyze", json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        answer: dict[str, str] = json.load(reply)
        return answer
