"""Amazon Comprehend behind the Analyzer port."""

from adapters.analyzers.comprehend.analyzer import ComprehendAnalyzer
from adapters.analyzers.comprehend.client import comprehend_client

__all__ = ["ComprehendAnalyzer", "comprehend_client"]
