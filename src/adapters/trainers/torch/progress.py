"""What is seen of a training: a bar with rate, remaining time and losses; plain lines where there is no terminal."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_SMOOTHING = 0.98
_LINES = 50
"""Lines that a stage prints where there is no terminal."""


class StageProgress:
    """The progress of one stage of so many steps, beginning after ``done``."""

    def __init__(self, name: str, steps: int, done: int = 0, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._name, self._steps, self._reached = name, steps, done
        self._losses: dict[str, float] = {}
        self._dev = ""
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=steps, completed=done, figures="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def step(self, number: int, task: str, loss: float) -> None:
        """Step ``number``, from 1, was of this task and had this loss."""
        self._losses[task] = _SMOOTHING * self._losses.get(task, loss) + (1 - _SMOOTHING) * loss
        losses = " ".join(f"{name} {value:.3f}" for name, value in self._losses.items())
        self.reach(number, f"{losses}{self._dev}")

    def reach(self, number: int, figures: str = "") -> None:
        """So many steps are done; a line of its own now and then where there is no terminal."""
        before = self._reached
        self._reached = number
        self._bar.update(self._task, completed=number, figures=figures)
        if not self._console.is_terminal and number * _LINES // self._steps > before * _LINES // self._steps:
            self._console.print(f"{self._name} {number}/{self._steps} {figures}", highlight=False, soft_wrap=True)

    def dev(self, losses: Mapping[str, float]) -> None:
        """The losses on dev rows, shown from now on."""
        self._dev = " | dev " + " ".join(f"{name} {value:.3f}" for name, value in losses.items())
