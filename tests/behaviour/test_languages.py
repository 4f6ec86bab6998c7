"""Language detection on everyday sentences, which are short: 8 to 90 characters."""

import pytest

from adapters.language_detectors.fasttext import FasttextDetector
from sentiment_core.languages import LANGUAGES
from tests.behaviour.rates import share
from tests.behaviour.sentences import read_sentences

MIN_RIGHT = 0.9
"""Of every language."""


@pytest.fixture(scope="module")
def detector() -> FasttextDetector:
    return FasttextDetector()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_everyday_sentences_is_found(detector: FasttextDetector, language: str) -> None:
    found = {each.text: detector.detect(each.text) for each in read_sentences(language).values()}

    assert share(code == language for code in found.values()) >= MIN_RIGHT, found
