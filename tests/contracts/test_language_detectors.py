"""FasttextDetector keeps the contract of LanguageDetector."""

from adapters.language_detectors.fasttext import FasttextDetector
from sentiment_core.ports import LanguageDetector
from sentiment_core.testing.language_detectors import LanguageDetectorContract


class TestFasttextDetector(LanguageDetectorContract):
    def make_detector(self) -> LanguageDetector:
        return FasttextDetector()
