"""What is asked of a trainer."""

from pathlib import Path
from typing import Literal

from msgspec import Struct


class TrainingRequest(Struct, frozen=True):
    """``minutes`` are turned once into a number of steps, which is recorded and used by reruns; ``steps`` sets it.

    ``licences`` are the classes of licence whose rows may be used; without ``resume`` all is done anew. ``base`` is the
    folder of a model to go on from; the steps, or minutes, are then those of the training that is left.
    """

    size: Literal["small", "base"] = "base"
    minutes: float = 60.0
    steps: int | None = None
    seed: int = 0
    licences: tuple[str, ...] = ("open", "sharealike", "unstated")
    resume: bool = True
    base: Path | None = None


class TrainingError(Exception):
    """The training cannot be done as asked; the message says what to change."""
