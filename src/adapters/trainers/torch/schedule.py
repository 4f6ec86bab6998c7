"""The deep training: tags and phrases first, sentiment mixed in after, every step a function of its number."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adapters.analyzers.onnx.features import Ints
from adapters.trainers.torch.batches import batches
from adapters.trainers.torch.corpus import SentimentRows, TagRows
from adapters.trainers.torch.deep import Deep, DeepConfiguration
from adapters.trainers.torch.losses import MAX_PIECES, sentiment_loss, tag_loss
from adapters.trainers.torch.wide import row_weights

SENTIMENT = ("sentiment", "everyday")
TASKS = ("entities", "phrases", *SENTIMENT)
_SHARES = ((0.72, 0.28, 0.0, 0.0), (0.33, 0.13, 0.54, 0.0), (0.26, 0.09, 0.26, 0.39))
"""Share of the steps of each task in the three phases; the last, a polish at a low rate, dwells on everyday sentences.

Sentiment learned together with the tags from the first step on stays near chance; from their weights it does not.
"""
_POLISH = 5_000
"""Steps of the third phase, at most."""
_MEASURED = 20
_DEV_ROWS = 400
_ROWS = {"entities": (6_000, 20_000), "phrases": (3_000, 12_000), "sentiment": (12_000, 40_000), "everyday": (1, 2_000)}
"""Rows of a language in one epoch, at least (repeated where there are fewer) and at most."""


@dataclass(frozen=True, slots=True)
class DeepPlan:
    """How long and how fast: recorded, so that reruns and resumed runs do the same steps."""

    steps: int = 0
    """Those of the two main phases; none where the weights of a model stand in their place."""
    first: float = 0.4
    """Share of them that belong to the first."""
    polish: int = 0
    """Those of the third phase, beyond them; 0 until the rate is measured."""
    polishes: int = 4
    """How often the third phase is gone through, with a seed of its own each time, from the same weights."""
    pieces: int = 6_144
    rate: float = 3e-3
    polish_rate: float = 1.5e-3
    polish_unknown: float = 0.03
    """Share of the pieces that the third phase replaces by the unknown one to learn sentiment: of a short sentence
    each piece counts. Of names the words around tell more, so the tags keep the larger share."""
    warm_up: int = 200
    checkpoint: int = 250
    seed: int = 0

    def with_main(self, steps: int) -> "DeepPlan":
        """The plan of so many main steps; of the third phase it has as many as pays, but no more than half of them."""
        return replace(self, steps=steps, polish=min(_POLISH, max(1, steps // 2)))

    def for_total(self, steps: int) -> "DeepPlan":
        """The plan that comes to about so many steps with all its third phases; the inverse of their sum."""
        return self.with_main(max(1, steps - self.polishes * _POLISH, round(steps / (1 + self.polishes / 2))))

    def for_polishes(self, steps: int) -> "DeepPlan":
        """The plan of the third phases alone that come to about so many steps."""
        return replace(self, polish=min(_POLISH, max(1, round(steps / self.polishes))))

    def polishing(self, number: int) -> "DeepPlan":
        """The plan of the third phase's repetition ``number``, from 0."""
        return replace(self, seed=self.seed + number)

    @property
    def total(self) -> int:
        """Steps of all three phases, the third gone through once."""
        return self.steps + self.polish

    def rate_at(self, step: int) -> float:
        """The learning rate: up over the first steps, then down to nothing; and once more for the third phase."""
        if step < self.steps:
            return self.rate * _slope(step, self.steps, self.warm_up)
        return self.polish_rate * _slope(step - self.steps, self.polish, self.warm_up)


def _slope(step: int, steps: int, warm_up: int) -> float:
    return min(1.0, (step + 1) / warm_up) * (1 - step / steps)


@dataclass(frozen=True, slots=True)
class DeepData:
    """The rows of the three tasks, and those of the everyday sentences by themselves, which sentiment holds too."""

    entities: TagRows
    phrases: TagRows
    sentiment: SentimentRows
    everyday: SentimentRows


class DeepTraining:
    """Trains the net; :meth:`run` may be broken off anywhere and goes on from the last checkpoint.

    Nothing but weights and the optimizer's moments is kept: which rows a step sees and all its chance follow from the
    seed and the step's number, so a resumed run ends where an unbroken one does.
    """

    def __init__(
        self, data: DeepData, configuration: DeepConfiguration, plan: DeepPlan, checkpoint: Path | None
    ) -> None:
        """Begins at the ``checkpoint`` when it is there; without one nothing is kept."""
        self._data, self._plan, self._checkpoint = data, plan, checkpoint
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(plan.seed)
        self.model: Deep = Deep(configuration).to(self._device)
        self._optimizer = torch.optim.AdamW(self.model.parameters(), lr=plan.rate, weight_decay=0.01, fused=True)
        self._weights = row_weights(data.sentiment, source_power=0.0, language_power=0.0)
        self._tasks = _tasks(plan)
        self.done = self._restore()

    def run(self, until: int) -> Iterator[tuple[int, str, float]]:
        """After each step up to that one gives its number, from 1, its task and its loss."""
        seen = np.bincount(self._tasks[: self.done], minlength=len(TASKS))
        streams = {task: islice(self._batches(task), int(seen[n]), None) for n, task in enumerate(TASKS)}
        for step in range(self.done, until):
            task = TASKS[self._tasks[step]]
            torch.manual_seed(self._plan.seed * 1_000_003 + step)
            loss = self._step(step, task, next(streams[task]))
            self.done = step + 1
            if self.done % self._plan.checkpoint == 0 or self.done == until:
                self._save()
            yield self.done, task, loss

    def dev_losses(self, dev: DeepData) -> dict[str, float]:
        """The loss of each task on some rows of dev, the same ones every time."""
        self.model.eval()
        with torch.no_grad():
            return {task: self._dev_loss(task, dev) for task in TASKS if len(getattr(dev, task).texts)}

    def seconds_per_step(self) -> float:
        """Measured over a few steps of the first phase, after some to warm up."""
        stream, times = self._batches("entities"), [time.perf_counter()]
        for step in range(_MEASURED):
            self._step(step, "entities", next(stream))
            times.append(time.perf_counter())
        return float(np.median(np.diff(times)[_MEASURED // 2 :]))

    def _dev_loss(self, task: str, dev: DeepData) -> float:
        rows = np.linspace(0, len(getattr(dev, task).texts) - 1, _DEV_ROWS).astype(np.int64)
        return float(self._loss(task, dev, np.unique(rows), torch.ones(len(dev.sentiment.texts))))

    def _step(self, step: int, task: str, rows: Ints) -> float:
        self._optimizer.param_groups[0]["lr"] = self._plan.rate_at(step)
        polished = step >= self._plan.steps and task in SENTIMENT
        self.model.unknown = self._plan.polish_unknown if polished else self.model.configuration.unknown
        self.model.train()
        self._optimizer.zero_grad()
        loss = self._loss(task, self._data, rows, self._weights)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        return float(loss.detach())

    def _loss(self, task: str, data: DeepData, rows: Ints, weights: Tensor) -> Tensor:
        if task in SENTIMENT:
            even = weights if task == "sentiment" else torch.ones(len(data.everyday.texts))
            return sentiment_loss(self.model, getattr(data, task), even, rows, self._device)
        return tag_loss(self.model, getattr(data, task), rows, self._device)

    def _batches(self, task: str) -> Iterator[Ints]:
        texts = getattr(self._data, task).texts
        lengths = np.minimum(texts.ids.lengths, MAX_PIECES)
        seed = self._plan.seed * len(TASKS) + TASKS.index(task)
        return batches(lengths, texts.languages, *_ROWS[task], self._plan.pieces, seed)

    def _save(self) -> None:
        """Write beside and rename, so that a kill at any moment leaves a whole checkpoint."""
        if self._checkpoint:
            beside = self._checkpoint.with_suffix(".new")
            torch.save(checkpoint(self.model, self.done, self._optimizer.state_dict()), beside)
            beside.replace(self._checkpoint)

    def _restore(self) -> int:
        """The steps that the checkpoint has done; 0 without one."""
        if not self._checkpoint or not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, map_location=self._device, weights_only=True)
        self.model.load_state_dict(state["model"])
        if state["optimizer"]:
            self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])


def checkpoint(model: Deep, step: int = 0, optimizer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a training goes on from: weights, the steps done, and the optimizer's moments unless it begins anew."""
    return {"step": step, "model": model.state_dict(), "optimizer": optimizer}


def _tasks(plan: DeepPlan) -> Ints:
    """The task of every step, as its place in TASKS."""
    random, border = np.random.default_rng(plan.seed), round(plan.steps * plan.first)
    phases = [
        random.choice(len(TASKS), size=size, p=shares)
        for size, shares in zip((border, plan.steps - border, plan.polish), _SHARES, strict=True)
    ]
    return np.concatenate(phases)
