"""Doubles and contract suites for your own tests. They need no test framework: plain asserts and asyncio.run."""

from sentiment_core.testing.analyzer_contract import AnalyzerContract
from sentiment_core.testing.analyzers import FakeAnalyzer, fake_analysis
from sentiment_core.testing.caches import CacheContract
from sentiment_core.testing.clock import ManualClock
from sentiment_core.testing.feedback_stores import FeedbackStoreContract, InMemoryFeedbackStore
from sentiment_core.testing.key_stores import InMemoryKeyStore, KeyStoreContract
from sentiment_core.testing.language_detectors import LanguageDetectorContract
from sentiment_core.testing.metrics import MetricsContract, RecordingMetrics
from sentiment_core.testing.model_registries import FakeModelRegistry, ModelRegistryContract
from sentiment_core.testing.spend_stores import InMemorySpendStore, SpendStoreContract
from sentiment_core.testing.trackers import InMemoryTracker, TrackerContract
from sentiment_core.testing.virtual_time import run_virtually

__all__ = [
    "AnalyzerContract",
    "CacheContract",
    "FakeAnalyzer",
    "FakeModelRegistry",
    "FeedbackStoreContract",
    "InMemoryFeedbackStore",
    "InMemoryKeyStore",
    "InMemorySpendStore",
    "InMemoryTracker",
    "KeyStoreContract",
    "LanguageDetectorContract",
    "ManualClock",
    "MetricsContract",
    "ModelRegistryContract",
    "RecordingMetrics",
    "SpendStoreContract",
    "TrackerContract",
    "fake_analysis",
    "run_virtually",
]
