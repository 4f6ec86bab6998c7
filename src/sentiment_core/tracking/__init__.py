"""What a tracker is told: figures of all that happened in a window of time, and the thread that hands them over."""

from sentiment_core.tracking.canary import CanaryWindow
from sentiment_core.tracking.record import RunRecord
from sentiment_core.tracking.recorder import TrackingRecorder
from sentiment_core.tracking.shadow import ShadowWindow
from sentiment_core.tracking.window import TrackingWindow

__all__ = ["CanaryWindow", "RunRecord", "ShadowWindow", "TrackingRecorder", "TrackingWindow"]
