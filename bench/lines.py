"""What a part finds out."""

from collections.abc import Mapping

from msgspec import Struct, field

from bench.load import Load
from bench.targets import TARGETS


class Plan(Struct, frozen=True):
    """How long to measure: ``rounds`` alternate the stacks, ``scale`` stretches the seconds of each."""

    rounds: int
    scale: float


FULL = Plan(rounds=3, scale=1.0)
QUICK = Plan(rounds=1, scale=0.5)


class Line(Struct, frozen=True):
    """The value of a target of ``bench.targets``; ``loads`` or ``counts`` are what it was made from, by stack."""

    key: str
    value: float
    loads: dict[str, Load] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``reached``, ``holds`` or ``missed``."""
        return TARGETS[self.key].verdict(self.value)


class Skipped(Struct, frozen=True):
    """Why there is no value."""

    key: str
    reason: str


Finding = Line | Skipped
