"""The twelve languages: their codes, how callers write them, and which scripts they use."""

import difflib

from sentiment_core.errors import UnsupportedLanguageError

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "ja", "ko", "hi", "ar", "zh", "zh-TW")
"""Comprehend's codes of its twelve languages."""

LANGUAGE_NAMES = {
    "en": "English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "ja": "Japanese",
    "ko": "Korean",
    "hi": "Hindi",
    "ar": "Arabic",
    "zh": "Chinese (simplified)",
    "zh-TW": "Chinese (traditional)",
}

_TRADITIONAL = {"tw", "hk", "mo", "hant"}


def normalize_language(tag: str) -> str:
    """The code of a language tag as people write it: ``en-US``, ``zh_tw``, ``zh-Hant-HK``.

    Raises UnsupportedLanguageError, which names the nearest code, for anything outside the twelve.
    """
    primary, *subtags = tag.strip().replace("_", "-").lower().split("-")
    if primary == "zh" and _TRADITIONAL & set(subtags):
        return "zh-TW"
    if primary in LANGUAGES:
        return primary
    raise unsupported_language(tag, nearest_code(primary))


def nearest_code(primary: str) -> str:
    """The code spelt most like ``primary``; ``en`` when none is."""
    return next(iter(difflib.get_close_matches(primary, LANGUAGES, n=1, cutoff=0.0)), "en")


def unsupported_language(found: str, nearest: str) -> UnsupportedLanguageError:
    """The one sentence that every refusal of a language says."""
    return UnsupportedLanguageError(
        f"The language {found[:35]!r} is not supported; the nearest that is: {nearest!r} ({LANGUAGE_NAMES[nearest]}). "
        f"Supported are {', '.join(LANGUAGES)}, and 'auto' to have it found."
    )
