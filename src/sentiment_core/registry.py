"""Registered models: what one version is, and how one is named: ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

The URIs and the aliases ``champion`` and ``challenger`` are MLflow's own.
"""

import re
from typing import Self

from msgspec import Struct

CHAMPION = "champion"
CHALLENGER = "challenger"
PREVIOUS = "previous"
"""The alias of what was champion before the last promotion: where a rollback goes."""

MAX_MODEL_BYTES = 2**31
"""Of all files of a version. No model that can be served has more: ONNX's one file is a message of protocol buffers,
which ends at 2 GiB (https://protobuf.dev/programming-guides/proto-limits)."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_REFERENCE = re.compile(rf"models:/(?P<name>{_NAME})(?:/(?P<number>[1-9][0-9]{{0,17}})|@(?P<alias>{_NAME}))").fullmatch
_LIKE_A_VERSION = re.compile(r"v?[0-9]+|latest", re.IGNORECASE).fullmatch


class ModelVersion(Struct, frozen=True):
    """A registered version of a model, as it was when it was asked for. ``created`` is in seconds since the epoch."""

    name: str
    number: int
    aliases: frozenset[str]
    created: float
    tags: dict[str, str]

    def __str__(self) -> str:
        """``NAME/VERSION``, as answers name it."""
        return f"{self.name}/{self.number}"


class ModelReference(Struct, frozen=True):
    """Names a version of the model ``name``: an alias, which may move, or a number, which stays."""

    name: str
    target: str | int

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Raises ValueError when it is of neither form."""
        match = _REFERENCE(uri)
        if match is None or _LIKE_A_VERSION(match["alias"] or ""):
            raise ValueError(
                f"{uri!r} names no registered model: write models:/NAME@ALIAS, such as models:/sentiment@champion,"
                " or models:/NAME/VERSION, such as models:/sentiment/3."
            )
        return cls(match["name"], match["alias"] or int(match["number"]))

    def __str__(self) -> str:
        return f"models:/{self.name}{'/' if isinstance(self.target, int) else '@'}{self.target}"


class RegistryError(Exception):
    """The registry is away, or refused; the message says why."""


class ModelNotFoundError(RegistryError):
    """The registry answered that there is no such model, version, alias or file."""


class ModelTooLargeError(RegistryError):
    """A version whose files have more bytes than are fetched."""

    def __init__(self, version: ModelVersion, size: int, most: int) -> None:
        super().__init__(f"{version} has files of {size / 1e6:,.1f} MB, and at most {most / 1e6:,.1f} MB are fetched.")
