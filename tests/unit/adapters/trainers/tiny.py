"""A training of seconds: a net of a few numbers on made-up rows."""

from pathlib import Path

from adapters.datasets.parquet import ParquetDataset
from adapters.trainers.torch.configuration import Configuration
from adapters.trainers.torch.deep import DeepConfiguration
from adapters.trainers.torch.recipe import Recipe
from adapters.trainers.torch.schedule import DeepPlan
from adapters.trainers.torch.wide import WideConfiguration
from sentiment_core.tracking import RunRecord

CONFIGURATION = Configuration(
    data="",
    size="tiny",
    licences=("open",),
    seed=1,
    wide=WideConfiguration(pieces=1 << 8, chars=1 << 9, epochs=2, batch=64),
    deep=DeepConfiguration(pieces=4_000, embedding=8, shape=4, width=16, hidden=16, blocks=2, summary=8),
    plan=DeepPlan(steps=12, polish=3, polishes=2, pieces=512, warm_up=2, checkpoint=4, seed=1),
    everyday=40,
    wide_everyday=60,
    polish_everyday=60,
    characters=2_000,
)


def tiny_recipe(data: Path, output: Path, run: RunRecord | None = None) -> Recipe:
    """The recipe, ready to run."""
    (output / "work").mkdir(parents=True, exist_ok=True)
    return Recipe(ParquetDataset(data, {"open"}), output, CONFIGURATION, 1, run or RunRecord(None))
