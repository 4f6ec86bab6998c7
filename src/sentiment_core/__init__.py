"""Sentiment, entities and key phrases behind one port: models, ports, policies and errors, without any vendor."""

from sentiment_core.blocking import BlockingAnalyzer
from sentiment_core.errors import (
    AllFailedError,
    AnalysisError,
    AnalyzerError,
    AnalyzerUnavailableError,
    BreakerOpenError,
    BudgetSpentError,
    CredentialsError,
    DeadlineExceededError,
    InputError,
    InvalidReplyError,
    InvalidTextError,
    OverloadedError,
    OverQuotaError,
    TextTooLongError,
    ThrottledError,
    UnsupportedLanguageError,
)
from sentiment_core.languages import LANGUAGES, normalize_language
from sentiment_core.models import (
    ALL_FEATURES,
    AUTO,
    MAX_TEXT_BYTES,
    Analysis,
    Document,
    Entity,
    EntityType,
    Feature,
    KeyPhrase,
    Options,
    Outcome,
    Sentiment,
    SentimentScore,
    SentimentType,
)
from sentiment_core.policies.accompanied import AccompaniedAnalyzer
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.canary import CanaryAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer
from sentiment_core.policies.cost import CostAnalyzer
from sentiment_core.policies.drift_monitoring import DriftMonitoringAnalyzer
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.policies.identifying import IdentifyingAnalyzer
from sentiment_core.policies.isolating import IsolatingAnalyzer
from sentiment_core.policies.measuring import MeasuringAnalyzer
from sentiment_core.policies.naming import NamingAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.policies.retrying import RetryingAnalyzer
from sentiment_core.policies.shadowing import ShadowingAnalyzer
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.policies.swapping import SwappingAnalyzer
from sentiment_core.policies.tracking import TrackingAnalyzer
from sentiment_core.policies.validating import ValidatingAnalyzer
from sentiment_core.ports import (
    Analyzer,
    Cache,
    Clock,
    Dataset,
    LanguageDetector,
    Metrics,
    SpendStore,
    Tracker,
    TrackingError,
    Trainer,
)

__all__ = [
    "ALL_FEATURES",
    "AUTO",
    "LANGUAGES",
    "MAX_TEXT_BYTES",
    "AccompaniedAnalyzer",
    "AdmissionAnalyzer",
    "AllFailedError",
    "Analysis",
    "AnalysisError",
    "Analyzer",
    "AnalyzerError",
    "AnalyzerUnavailableError",
    "BlockingAnalyzer",
    "BreakerAnalyzer",
    "BreakerOpenError",
    "BudgetAnalyzer",
    "BudgetSpentError",
    "Cache",
    "CachingAnalyzer",
    "CanaryAnalyzer",
    "Clock",
    "CoalescingAnalyzer",
    "CostAnalyzer",
    "CredentialsError",
    "Dataset",
    "DeadlineExceededError",
    "Document",
    "DriftMonitoringAnalyzer",
    "Entity",
    "EntityType",
    "FallbackAnalyzer",
    "Feature",
    "IdentifyingAnalyzer",
    "InputError",
    "InvalidReplyError",
    "InvalidTextError",
    "IsolatingAnalyzer",
    "KeyPhrase",
    "LanguageDetector",
    "MeasuringAnalyzer",
    "Metrics",
    "NamingAnalyzer",
    "ObservingAnalyzer",
    "Options",
    "Outcome",
    "OverQuotaError",
    "OverloadedError",
    "PerFeatureAnalyzer",
    "QuotaAnalyzer",
    "RetryingAnalyzer",
    "Sentiment",
    "SentimentScore",
    "SentimentType",
    "ShadowingAnalyzer",
    "SpendStore",
    "SplittingAnalyzer",
    "SwappingAnalyzer",
    "TextTooLongError",
    "ThrottledError",
    "Tracker",
    "TrackingAnalyzer",
    "TrackingError",
    "Trainer",
    "UnsupportedLanguageError",
    "ValidatingAnalyzer",
    "normalize_language",
]
