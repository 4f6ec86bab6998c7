"""What every LanguageDetector must do: inherit LanguageDetectorContract and say how to make yours."""

import time
from concurrent.futures import ThreadPoolExecutor

from sentiment_core.errors import UnsupportedLanguageError
from sentiment_core.languages import LANGUAGES
from sentiment_core.ports import LanguageDetector
from sentiment_core.testing.analyzer_contract import AWKWARD, TEXTS

HOSTILE = (*AWKWARD, "", " \n\t", "\ud800", "a\ud800b", "line\nbreak", "\x00", "😀", "123", "π = 3", "\ufdfa" * 100)

FOREIGN = {
    "nl": "Het eten in dit restaurant was heerlijk en de bediening was vriendelijk.",
    "pl": "Jedzenie w tej restauracji było pyszne, a obsługa bardzo miła.",
    "ru": "Еда в этом ресторане была очень вкусной.",
    "el": "Το φαγητό σε αυτό το εστιατόριο ήταν πολύ νόστιμο.",
    "th": "อาหารที่ร้านนี้อร่อยมาก",
    "he": "האוכל במסעדה הזאת היה טעים מאוד.",
}

SECONDS = 0.05
"""More than the few milliseconds of the port, since tests share their machine."""


class LanguageDetectorContract:
    """Override ``make_detector``; a test runner finds the rest."""

    def make_detector(self) -> LanguageDetector:
        """A fresh detector."""
        raise AssertionError("override make_detector")

    def test_a_plain_sentence_of_each_of_the_twelve_is_found(self) -> None:
        detector = self.make_detector()
        assert {language: detector.detect(text) for language, text in TEXTS.items()} == {x: x for x in LANGUAGES}

    def test_any_text_has_an_answer_also_an_empty_one(self) -> None:
        detector = self.make_detector()
        for text in HOSTILE:
            assert detector.detect(text) in LANGUAGES, repr(text)

    def test_a_text_in_none_of_the_twelve_is_refused_and_the_nearest_named(self) -> None:
        detector = self.make_detector()
        for language, text in FOREIGN.items():
            refusal = _refusal(detector, text)
            assert f"{language!r} is not supported" in refusal, text
            assert any(f"nearest that is: {code!r}" in refusal for code in LANGUAGES), refusal

    def test_a_long_text_takes_no_longer_than_a_few_milliseconds(self) -> None:
        detector = self.make_detector()
        for text in (*TEXTS.values(), "\ufdfa"):
            assert min(_seconds(detector, text * 3_000) for _ in range(5)) < SECONDS, text

    def test_threads_share_a_detector(self) -> None:
        detector = self.make_detector()
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(detector.detect, [*TEXTS.values()] * 40)) == [*TEXTS] * 40


def _seconds(detector: LanguageDetector, text: str) -> float:
    begin = time.perf_counter()
    detector.detect(text)
    return time.perf_counter() - begin


def _refusal(detector: LanguageDetector, text: str) -> str:
    """What the detector says of the text; empty when it found one of the twelve."""
    try:
        detector.detect(text)
    except UnsupportedLanguageError as error:
        return str(error)
    return ""
