"""A training that begins with a model: its pieces, its deep branch, and only the last phase to go through."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("pyarrow")

import onnx
import torch
from msgspec.structs import replace
from onnx import numpy_helper

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, read_manifest
from adapters.datasets.parquet import ParquetDataset
from adapters.trainers.torch import configuration
from adapters.trainers.torch.base import Base
from adapters.trainers.torch.configuration import record, settle
from adapters.trainers.torch.export import byte_ranges, export_onnx
from adapters.trainers.torch.recipe import Recipe
from adapters.trainers.torch.schedule import DeepPlan
from adapters.trainers.torch.wide import Wide
from sentiment_core.model_folder import ModelFolder
from sentiment_core.tracking import RunRecord
from sentiment_core.training import TrainingError, TrainingRequest
from tests.unit.adapters.trainers.tiny import CONFIGURATION


@pytest.fixture(autouse=True)
def sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size of the tiny net beside the real ones, under a name that a request may have."""
    monkeypatch.setitem(configuration.SIZES, "small", (CONFIGURATION.wide, CONFIGURATION.deep))


def test_the_net_that_is_read_is_exported_to_the_same_weights(model: Path, tmp_path: Path) -> None:
    deep = Base(model).deep().eval()
    sample = torch.ones(1, 3, dtype=torch.long), torch.ones(1, 3, dtype=torch.long), torch.tensor([3])

    export_onnx(deep, Wide(CONFIGURATION.wide), byte_ranges(deep, [sample]), tmp_path / GRAPH)

    before, after = (_initializers(each / GRAPH) for each in (model, tmp_path))
    of_deep = {name for name in before if not name.startswith(("wide_", "bias_")) and "step" not in name}
    for name in of_deep - {each for each in of_deep if each.endswith("_zero")}:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-6, err_msg=name)


def test_only_the_last_phase_is_gone_through_from_the_models_weights(data: Path, model: Path, tmp_path: Path) -> None:
    base = Base(model)
    again = _recipe(data, tmp_path, base).run()

    begun = torch.load(tmp_path / "work" / "deep.pt", weights_only=True)
    assert begun["step"] == 0
    torch.testing.assert_close(begun["model"], dict(base.deep().state_dict()))
    assert (again / TOKENIZER).read_bytes() == (model / TOKENIZER).read_bytes()
    assert (again / GRAPH).read_bytes() != (model / GRAPH).read_bytes()
    made = read_manifest(ModelFolder(again)).made
    assert f"'base': '{base.digest}'" in str(made["configuration"])


def test_what_the_model_was_trained_on_stays_among_the_sources(data: Path, model: Path, tmp_path: Path) -> None:
    base = Base(model)
    base.sources["phrases"] = [replace(base.sources["phrases"][0], name="older"), *base.sources["phrases"]]

    made = read_manifest(ModelFolder(_recipe(data, tmp_path, base).run())).made

    names = [each["name"] for each in made["sources"]["phrases"]]  # type: ignore[index]
    assert names == ["trees", "older"]


def test_the_steps_of_a_request_are_those_of_each_last_phase(model: Path, tmp_path: Path) -> None:
    base, request = Base(model), TrainingRequest("small", steps=70, licences=("open",))
    settled = settle(request, "digest", tmp_path, base)
    record(settled, tmp_path)

    assert (settled.plan.steps, settled.plan.polish) == (0, 70)
    assert settle(replace(request, steps=None), "digest", tmp_path, base) == settled
    with pytest.raises(TrainingError, match="another configuration"):
        settle(request, "digest", tmp_path, None)


def test_minutes_are_shared_among_the_last_phases() -> None:
    assert DeepPlan(polishes=4).for_polishes(1_200).polish == 300
    assert DeepPlan(polishes=4).for_polishes(1_000_000).polish == 5_000


def test_a_model_of_another_size_is_refused_with_its_size(model: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="not of size base but of tiny"):
        settle(TrainingRequest("base"), "digest", tmp_path, Base(model))


def test_licences_that_leave_out_some_of_the_models_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="of class open too"):
        settle(TrainingRequest("small", licences=("sharealike",)), "digest", tmp_path, Base(model))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no model to begin with"):
        Base(tmp_path)


def _recipe(data: Path, output: Path, base: Base) -> Recipe:
    (output / "work").mkdir()
    plan = DeepPlan(polish=3, polishes=2, pieces=512, checkpoint=4, seed=1)
    wanted = replace(CONFIGURATION, plan=plan, base=base.digest)
    return Recipe(ParquetDataset(data, {"open"}), output, wanted, 1, RunRecord(None), base)


def _initializers(path: Path) -> dict[str, np.ndarray]:
    return {each.name: numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}
