from pathlib import Path

import pytest

from adapters.language_detectors.fasttext import MIN_CHARACTERS, MODEL, FasttextDetector
from sentiment_core.errors import AnalyzerUnavailableError, UnsupportedLanguageError

FOREIGN = [
    line.split("\t") for line in Path(__file__).with_name("foreign.tsv").read_text(encoding="utf-8").splitlines()
]
MIN_REFUSED = 0.95
"""Measured: 0.964 (81 of 84)."""


@pytest.fixture(scope="module")
def detector() -> FasttextDetector:
    return FasttextDetector()


def test_sentences_of_thirty_other_languages_are_refused(detector: FasttextDetector) -> None:
    refused = sum(found_foreign(detector, text) is not None for _, text in FOREIGN)

    assert len({language for language, _ in FOREIGN}) == 30
    assert refused / len(FOREIGN) >= MIN_REFUSED


def test_a_refusal_names_the_language_that_was_found(detector: FasttextDetector) -> None:
    named = {language for language, text in FOREIGN if language == found_foreign(detector, text)}

    assert named >= {"nl", "pl", "ru", "el", "th", "he", "tr", "sv", "fa", "ur", "cs", "fi", "hu", "ro", "vi", "id"}


@pytest.mark.parametrize("text", ["Dank je wel", "Dziękuję", "Tack så mycket", "متشکرم"])
def test_a_short_text_is_answered_unless_its_script_is_foreign(detector: FasttextDetector, text: str) -> None:
    assert len(text) < MIN_CHARACTERS
    assert found_foreign(detector, text) is None
    assert found_foreign(detector, "Спасибо") == "ru"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("MUY BUENO EL SERVICIO", "es"),
        ("@someone https://example.org/a-long-path-in-english 😀😀 merci beaucoup", "fr"),
        ("Das Essen\nwar gut", "de"),
        ("Obrigado!", "pt"),
        ("ＧＲＥＡＴ ＳＥＲＶＩＣＥ", "en"),
        ("\ud800Grazie mille", "it"),
    ],
)
def test_capitals_addresses_line_breaks_and_emoji_do_not_hide_the_language(
    detector: FasttextDetector, text: str, language: str
) -> None:
    assert detector.detect(text) == language


def test_a_damaged_model_is_not_loaded(tmp_path: Path) -> None:
    damaged = tmp_path / "lid.ftz"
    damaged.write_bytes(MODEL.read_bytes()[:-1])

    with pytest.raises(AnalyzerUnavailableError, match="damaged: install the package again"):
        FasttextDetector(damaged)


def found_foreign(detector: FasttextDetector, text: str) -> str | None:
    """The language that the refusal names, None when the text was answered."""
    try:
        detector.detect(text)
    except UnsupportedLanguageError as error:
        return str(error).split("'")[1]
    return None
