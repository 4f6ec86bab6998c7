"""A training as a run in the tracker: its configuration, learning curves while it goes on, and what it made."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from adapters.trainers.torch.card import FIGURES
from adapters.trainers.torch.configuration import CONFIG, Configuration
from sentiment_core.evaluation import Evaluation
from sentiment_core.evaluation.recording import record_evaluation
from sentiment_core.ports import Tracker
from sentiment_core.tracking import RunRecord

RUN = "run.txt"
"""Beside the checkpoints: the id of the run, with which a resumed training goes on."""


def begin_run(tracker: Tracker, configuration: Configuration, work: Path) -> None:
    """Begins the run of a configuration, or goes on with the one whose id lies in ``work``."""
    path = work / RUN
    before = path.read_text(encoding="utf-8") if path.exists() else None
    name = f"{configuration.model_version} {configuration.size}"
    path.write_text(tracker.start(name, parameters(configuration), run=before), encoding="utf-8")


def parameters(configuration: Configuration) -> dict[str, str]:
    """Every value by its path, as in ``deep.width``; the digest of the data is ``data_sha256``."""
    values = msgspec.to_builtins(configuration)
    return {"data_sha256": values.pop("data"), **dict(_flat(values, ""))}


def keep_model(tracker: Tracker, model: Path) -> None:
    """Adds the figures of the finished model to the run, with their drawings, and all files of its folder."""
    record_evaluation(tracker, msgspec.json.decode((model / FIGURES).read_bytes(), type=Evaluation))
    tracker.attach(CONFIG, (model.parent / CONFIG).read_bytes())
    tracker.attach_folder("model", model)


class Curves:
    """The losses of one stage of so many steps, by task, as ``STAGE_loss/TASK`` and ``STAGE_dev_loss/TASK``.

    A point is the mean over ``interval`` steps. Where those are the steps between two checkpoints, a resumed training
    gives the points of an unbroken one.
    """

    def __init__(self, record: RunRecord, stage: str, steps: int, interval: int) -> None:
        self._record = record
        self._stage = stage
        self._steps = steps
        self._interval = interval
        self._losses: defaultdict[str, list[float]] = defaultdict(list)

    def step(self, number: int, task: str, loss: float) -> None:
        """Step ``number``, from 1, was of this task and had this loss."""
        self._losses[task].append(loss)
        if number % self._interval == 0 or number == self._steps:
            means = {task: sum(losses) / len(losses) for task, losses in self._losses.items()}
            self._losses.clear()
            self._log("loss", means, number)

    def dev(self, number: int, losses: Mapping[str, float]) -> None:
        """The losses on dev rows after so many steps."""
        self._log("dev_loss", losses, number)

    def _log(self, kind: str, losses: Mapping[str, float], step: int) -> None:
        figures = {f"{self._stage}_{kind}/{task}": loss for task, loss in losses.items()}
        self._record.add(lambda tracker: tracker.log(figures, step))


def _flat(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, ",".join(value) if isinstance(value, list | tuple) else str(value)
