"""Whether the texts and answers of now are still like those on which a model's figures were measured."""

from sentiment_core.drift.profile import Profile
from sentiment_core.drift.reference import REFERENCE, TEXTS, Distribution, Reference, read_reference
from sentiment_core.drift.stability import stability_index
from sentiment_core.drift.window import DriftWindow

__all__ = [
    "REFERENCE",
    "TEXTS",
    "Distribution",
    "DriftWindow",
    "Profile",
    "Reference",
    "read_reference",
    "stability_index",
]
