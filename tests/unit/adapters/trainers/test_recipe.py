"""The recipe from rows to a model folder, as small as can be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("pyarrow")

import torch
from hypothesis import given
from hypothesis import strategies as st

from adapters.analyzers.onnx.analyzer import OnnxAnalyzer
from adapters.analyzers.onnx.bundle import GRAPH, read_manifest
from adapters.trainers.torch import schedule
from adapters.trainers.torch.deep import Deep, mean_of
from adapters.trainers.torch.schedule import DeepPlan, DeepTraining
from sentiment_core.model_folder import MANIFEST, ModelFolder
from sentiment_core.models import Analysis, Document, Options
from tests.unit.adapters.trainers.tiny import CONFIGURATION, tiny_recipe


async def test_the_model_answers_all_three_features(model: Path) -> None:
    analyzer = OnnxAnalyzer(model)
    await analyzer.ready()

    [outcome] = await analyzer.analyze([Document("The staff in Oslo were fine.")], Options())
    await analyzer.aclose()

    assert isinstance(outcome, Analysis)
    assert outcome.sentiment is not None
    assert outcome.entities is not None
    assert outcome.key_phrases is not None


def test_the_manifest_names_sources_and_configuration(model: Path) -> None:
    made = read_manifest(ModelFolder(model)).made

    assert made.keys() == {"configuration", "sources"}
    assert "someone/texts" in str(made["sources"])


def test_the_same_configuration_gives_the_same_model(data: Path, model: Path, tmp_path: Path) -> None:
    again = tiny_recipe(data, tmp_path).run()

    assert (again / MANIFEST).read_bytes() == (model / MANIFEST).read_bytes()


@pytest.mark.parametrize("step", [7, 14], ids=["in the main phases", "in the last phase"])
def test_a_training_that_was_killed_goes_on_to_the_same_model(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    run = DeepTraining.run

    def killed(training: DeepTraining, until: int) -> Iterator[tuple[int, str, float]]:
        for done in run(training, until):
            if done[0] == step:
                raise KeyboardInterrupt
            yield done

    with monkeypatch.context() as patch:
        patch.setattr(schedule.DeepTraining, "run", killed)
        with pytest.raises(KeyboardInterrupt):
            tiny_recipe(data, tmp_path).run()
    resumed = tiny_recipe(data, tmp_path).run()

    assert (resumed / GRAPH).read_bytes() == (model / GRAPH).read_bytes()


def test_the_mean_of_nets_has_the_mean_of_their_weights() -> None:
    nets = [Deep(CONFIGURATION.deep) for _ in range(3)]
    wanted = sum(net.blocks[0].taps.detach().clone() for net in nets) / 3

    torch.testing.assert_close(mean_of(nets).blocks[0].taps, wanted)


@given(st.integers(1, 50_000), st.integers(1, 5))
def test_a_budget_of_steps_is_shared_among_all_phases(steps: int, polishes: int) -> None:
    plan = DeepPlan(polishes=polishes).for_total(steps)

    total = plan.steps + polishes * plan.polish

    assert abs(total - steps) <= 2 * polishes + 1
