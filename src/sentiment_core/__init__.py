"""Sentiment, entities and key phrases behind one port: models, ports, policies and errors, without any vendor."""

from sentiment_core.blocking import BlockingAnalyzer
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InputError,
    InvalidReplyError,
    InvalidTextError,
    OverloadedError,
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
from sentiment_core.policies.coalescing import CoalescingAnalyzer
from sentiment_core.policies.identifying import IdentifyingAnalyzer
from sentiment_core.policies.measuring import MeasuringAnalyzer
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.policies.tracking import TrackingAnalyzer
from sentiment_core.policies.validating import ValidatingAnalyzer
from sentiment_core.ports import (
    Analyzer,
    Clock,
    Dataset,
    LanguageDetector,
    Metrics,
    Tracker,
    TrackingError,
    Trainer,
)

__all__ = [
    "ALL_FEATURES",
    "AUTO",
    "LANGUAGES",
    "MAX_TEXT_BYTES",
    "Analysis",
    "AnalysisError",
    "Analyzer",
    "AnalyzerError",
    "AnalyzerUnavailableError",
    "BlockingAnalyzer",
    "Clock",
    "CoalescingAnalyzer",
    "CredentialsError",
    "Dataset",
    "DeadlineExceededError",
    "Document",
    "Entity",
    "EntityType",
    "Feature",
    "IdentifyingAnalyzer",
    "InputError",
    "InvalidReplyError",
    "InvalidTextError",
    "KeyPhrase",
    "LanguageDetector",
    "MeasuringAnalyzer",
    "Metrics",
    "Options",
    "Outcome",
    "OverloadedError",
    "Sentiment",
    "SentimentScore",
    "SentimentType",
    "SplittingAnalyzer",
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
