"""Time that moves when a test says so."""


class ManualClock:
    """A Clock (seconds) that stands still until ``advance``."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
