"""Amazon Comprehend behind the Analyzer port."""

from adapters.analyzers.comprehend.analyzer import ComprehendAnalyzer
from adapters.analyzers.comprehend.client import ComprehendClient, comprehend_client

__all__ = ["ComprehendAnalyzer", "ComprehendClient", "comprehend_client"]
