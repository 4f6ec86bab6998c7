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

    Raises UnsupportedLanguageError, which names the nearest code if one is near, for anything outside the twelve.
    """
    primary, *subtags = tag.strip().replace("_", "-").lower().split("-")
    if primary == "zh" and _TRADITIONAL & set(subtags):
        return "zh-TW"
    if primary in LANGUAGES:
        return primary
    raise unsupported_language(tag, nearest_code(tag))


def nearest_code(tag: str) -> str | None:
    """The code that is spelt most like ``tag``, or whose English name is; None when none is near."""
    spelt = {code.lower(): code for code in LANGUAGES} | {name.lower(): code for code, name in LANGUAGE_NAMES.items()}
    return next((spelt[each] for each in difflib.get_close_matches(tag.lower(), spelt, n=1)), None)


def unsupported_language(found: str, nearest: str | None) -> UnsupportedLanguageError:
    """The one sentence that every refusal of a language says."""
    hint = f"; the nearest that is: {nearest!r} ({LANGUAGE_NAMES[nearest]})" if nearest else ""
    return UnsupportedLanguageError(
        f"The language {found[:35]!r} is not supported{hint}. Supported are {', '.join(LANGUAGES)}, and 'auto' to have "
        "it found."
    )
