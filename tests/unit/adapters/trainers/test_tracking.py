"""A training as a run: what it was made of, how it went, what came out; also when it is broken off, or nobody listens.

A store of memory stands for MLflow's, which tests/contracts shows to do the same.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("pyarrow")

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER
from adapters.trainers.torch import schedule, trainer
from adapters.trainers.torch.card import CARD, FIGURES
from adapters.trainers.torch.schedule import DeepTraining
from adapters.trainers.torch.trainer import TorchTrainer
from sentiment_core.drift import REFERENCE, read_reference
from sentiment_core.model_folder import MANIFEST, SIGNATURE, ModelFolder
from sentiment_core.testing import InMemoryTracker
from sentiment_core.testing.trackers import Run
from sentiment_core.training import TrainingRequest
from tests.unit.adapters.trainers.tiny import CONFIGURATION
from tests.unit.core.evaluation.test_run import ScriptedDetector

KEY = b"a key of at least thirty-two bytes"


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "settle", lambda *_: CONFIGURATION)
        yield


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """The model of an unbroken training, and its run."""
    tracker = InMemoryTracker()
    model = TorchTrainer(ScriptedDetector(), tracker, KEY).train(
        data, tmp_path_factory.mktemp("out"), TrainingRequest()
    )
    [run] = tracker.runs
    return model, run


def curve(run: Run, name: str) -> dict[int, float]:
    return {step: figures[name] for step, figures in run.figures.items() if name in figures}


def test_a_run_has_every_value_of_the_configuration_and_ends_well(trained: tuple[Path, Run]) -> None:
    _, run = trained

    assert run.ended == "finished"
    assert {name: run.parameters[name] for name in ("seed", "size", "licences", "deep.width", "plan.steps")} == {
        "seed": "1", "size": "tiny", "licences": "open", "deep.width": "16", "plan.steps": "12"
    }  # fmt: skip
    assert "data_sha256" in run.parameters


def test_learning_curves_have_a_point_at_each_checkpoint_and_the_losses_at_the_end(trained: tuple[Path, Run]) -> None:
    _, run = trained

    def points(curves: str) -> set[int]:
        return {step for step, figures in run.figures.items() if any(name.startswith(curves) for name in figures)}

    assert points("deep_loss/") == {4, 8, 12}
    assert points("polish-0_loss/") == points("polish-1_loss/") == {15}
    assert curve(run, "deep_dev_loss/entities").keys() == {4, 8, 12}
    assert curve(run, "wide_loss/sentiment")


def test_figures_drawings_and_all_files_of_the_signed_model_are_with_the_run(trained: tuple[Path, Run]) -> None:
    model, run = trained

    assert 0 <= run.figures[0]["sentiment_macro_f1/mean"] <= 1
    assert 0 <= run.figures[0]["entities_f1/en"] <= 1
    assert {"confusion/all.svg", "confusion/en.svg", "config.json", "evaluation.json"} <= run.files.keys()
    assert read_reference(model)
    for name in (GRAPH, TOKENIZER, MANIFEST, SIGNATURE, CARD, FIGURES, REFERENCE):
        assert run.files[f"model/{name}"] == (model / name).read_bytes()
    assert ModelFolder(model, KEY).named.model_version == CONFIGURATION.model_version


def test_a_training_that_was_killed_goes_on_in_the_same_run_with_the_same_curves(
    data: Path, trained: tuple[Path, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = DeepTraining.run
    tracker = InMemoryTracker()

    def killed(training: DeepTraining, until: int) -> Iterator[tuple[int, str, float]]:
        for done in run(training, until):
            if done[0] == 7:
                raise KeyboardInterrupt
            yield done

    with monkeypatch.context() as patch:
        patch.setattr(schedule.DeepTraining, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            TorchTrainer(ScriptedDetector(), tracker).train(data, tmp_path, TrainingRequest())
        assert [each.ended for each in tracker.runs] == ["failed"]
    TorchTrainer(ScriptedDetector(), tracker).train(data, tmp_path, TrainingRequest())
    [resumed] = tracker.runs

    assert resumed.ended == "finished"
    for name in ("deep_loss/entities", "deep_loss/sentiment", "deep_dev_loss/phrases", "wide_loss/sentiment"):
        assert curve(resumed, name) == curve(trained[1], name)


def test_a_store_that_is_away_stops_no_training(
    data: Path, trained: tuple[Path, Run], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = InMemoryTracker()
    tracker.away = True
    model = TorchTrainer(ScriptedDetector(), tracker).train(data, tmp_path, TrainingRequest())

    assert (model / GRAPH).read_bytes() == (trained[0] / GRAPH).read_bytes()
    assert "The tracking store is away" in caplog.text
