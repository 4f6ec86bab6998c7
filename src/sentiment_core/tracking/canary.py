"""Figures of a canary and of those beside it in a window of time."""

from sentiment_core.tracking.window import TrackingWindow


class CanaryWindow:
    """Two windows: what the canary was asked, and what the primary was."""

    def __init__(self) -> None:
        self.canary = TrackingWindow()
        self.primary = TrackingWindow()

    def take(self) -> dict[str, float]:
        """The figures of both since the last ``take``, as ``canary/documents`` and ``primary/documents``."""
        return {
            f"{side}/{name}": value
            for side, window in (("canary", self.canary), ("primary", self.primary))
            for name, value in window.take().items()
        }
