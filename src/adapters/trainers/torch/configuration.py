"""All that decides what a training makes; recorded in ``config.json`` beside it."""

import dataclasses
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.trainers.torch.base import Base
from adapters.trainers.torch.deep import DeepConfiguration
from adapters.trainers.torch.schedule import DeepPlan
from adapters.trainers.torch.wide import WideConfiguration
from sentiment_core.training import TrainingError, TrainingRequest

CONFIG = "config.json"


class Configuration(Struct, frozen=True):
    """The same configuration on the same data gives the same model, on one kind of processor with one thread.

    ``data`` is the digest of the data; ``everyday`` the rows drawn from the hand-written sentences for each language
    and task, ``wide_everyday`` those that the wide branch sees, ``polish_everyday`` those that the deep branch's last
    phase sees; ``characters`` those of each language that the tokenizer learns from, a third as many where a character
    is about a word. ``base`` is the digest of the graph of the model that the training begins with, if it does.
    """

    data: str
    size: str
    licences: tuple[str, ...]
    seed: int
    wide: WideConfiguration
    deep: DeepConfiguration
    plan: DeepPlan
    everyday: int = 6_000
    wide_everyday: int = 40_000
    polish_everyday: int = 60_000
    characters: int = 700_000
    base: str = ""
    model_version: str = "sentiment-embedded-0.4"


SIZES = {
    "base": (WideConfiguration(), DeepConfiguration()),
    "small": (
        WideConfiguration(pieces=1 << 18, chars=1 << 19, epochs=3),
        DeepConfiguration(pieces=24_000, embedding=64, width=128, hidden=256, blocks=2),
    ),
}
"""The shipped size, and one for a model of some 5 MB that trains in minutes."""


def settle(request: TrainingRequest, digest: str, output: Path, base: Base | None) -> Configuration:
    """The configuration of a request; the recorded one, with its number of steps, when there is one that agrees.

    Raises TrainingError when the recorded one differs in anything else, or the base does not go with the request.
    """
    wide, deep = SIZES[request.size]
    licences = tuple(sorted(request.licences))
    if base:
        base.check(request.size, deep, licences)
    plan = _plan(request, begun=base is not None)
    of_base = base.digest if base else ""
    wanted = Configuration(digest, request.size, licences, request.seed, wide, deep, plan, base=of_base)
    path = output / CONFIG
    if not path.exists() or not request.resume:
        return wanted
    recorded = msgspec.json.decode(path.read_bytes(), type=Configuration)
    if request.steps is None:
        wanted = replace(wanted, plan=recorded.plan)
    if recorded != wanted:
        raise TrainingError(f"{path} is of another configuration or other data: take another output, or --no-resume.")
    return recorded


def _plan(request: TrainingRequest, *, begun: bool) -> DeepPlan:
    plan = DeepPlan(seed=request.seed)
    if request.steps is None:
        return plan
    return dataclasses.replace(plan, polish=request.steps) if begun else plan.with_main(request.steps)


def record(configuration: Configuration, output: Path) -> None:
    """Write the configuration beside what it makes."""
    content = msgspec.json.format(msgspec.json.encode(configuration), indent=2)
    (output / CONFIG).write_bytes(content + b"\n")
