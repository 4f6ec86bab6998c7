"""``sentiment train`` hands what it is told to the trainer."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from entrypoints import container
from entrypoints.cli.train import train
from entrypoints.settings import Settings
from sentiment_core.training import TrainingError, TrainingRequest


class _RecordingTrainer:
    def __init__(self, error: Exception | None = None) -> None:
        self.requests: list[TrainingRequest] = []
        self._error = error

    def train(self, data: Path, output: Path, request: TrainingRequest) -> Path:
        if self._error:
            raise self._error
        self.requests.append(request)
        return output / "model"


def test_options_become_a_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = _RecordingTrainer()
    monkeypatch.setattr(container, "trainer", lambda _: trainer)

    result = CliRunner().invoke(
        train,
        [str(tmp_path), "--output", str(tmp_path / "out"), "--minutes", "5", "--licences", "open, sharealike"],
    )

    assert result.exit_code == 0, result.output
    assert trainer.requests == [TrainingRequest("base", 5.0, None, 0, ("open", "sharealike"), True)]
    assert str(tmp_path / "out" / "model") in result.output.replace("\n", "")


def test_a_model_to_begin_with_is_part_of_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = _RecordingTrainer()
    monkeypatch.setattr(container, "trainer", lambda _: trainer)

    result = CliRunner().invoke(train, [str(tmp_path), "--output", str(tmp_path / "out"), "--from", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert [request.base for request in trainer.requests] == [tmp_path]


def test_an_unknown_licence_class_is_refused_by_name(tmp_path: Path) -> None:
    result = CliRunner().invoke(train, [str(tmp_path), "--output", str(tmp_path), "--licences", "free"])

    assert result.exit_code == 2
    assert "free" in result.output


def test_what_stands_in_the_way_is_said_without_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "trainer", lambda _: _RecordingTrainer(TrainingError("Take another output.")))

    result = CliRunner().invoke(train, [str(tmp_path), "--output", str(tmp_path)])

    assert result.exit_code == 1
    assert "Take another output." in result.output


def test_a_missing_package_is_answered_with_the_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: Settings) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(container, "trainer", missing)

    result = CliRunner().invoke(train, [str(tmp_path), "--output", str(tmp_path)])

    assert result.exit_code == 1
    assert ".[train]" in result.output


@pytest.mark.parametrize(("options", "tracking"), [([], "on"), (["--no-tracking"], "off")])
def test_tracking_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], tracking: str
) -> None:
    seen: list[str] = []

    def trainer(settings: Settings) -> _RecordingTrainer:
        seen.append(settings.tracking)
        return _RecordingTrainer()

    monkeypatch.setattr(container, "trainer", trainer)
    CliRunner().invoke(train, [str(tmp_path), "--output", str(tmp_path / "out"), *options])

    assert seen == [tracking]
