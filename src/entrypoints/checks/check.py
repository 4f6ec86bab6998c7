"""What a check finds."""

from msgspec import Struct


class Check(Struct, frozen=True):
    """``good`` is None for what does no harm; ``remedy`` says what to do, and is empty when nothing is."""

    subject: str
    good: bool | None
    finding: str
    remedy: str = ""
