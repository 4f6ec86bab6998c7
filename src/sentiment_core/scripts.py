"""The language of a text as far as its writing tells: ten letters of Korean need no model."""

import unicodedata
from bisect import bisect_right
from collections import Counter
from enum import StrEnum
from functools import lru_cache

PREFIX_CHARACTERS = 4_000
"""Characters looked at: enough to be sure, few enough to take a few milliseconds."""


class Script(StrEnum):
    """The scripts of the twelve languages, and all others."""

    LATIN = "latin"
    HAN = "han"
    KANA = "kana"
    HANGUL = "hangul"
    DEVANAGARI = "devanagari"
    ARABIC = "arabic"
    FOREIGN = "foreign"


LANGUAGE_OF_SCRIPT = {Script.KANA: "ja", Script.HANGUL: "ko", Script.DEVANAGARI: "hi", Script.ARABIC: "ar"}
"""The one of the twelve that writes with the script. Latin and Han have several."""

_BLOCKS = (
    (0x0041, 0x005A, Script.LATIN),
    (0x0061, 0x007A, Script.LATIN),
    (0x00C0, 0x024F, Script.LATIN),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x08A0, 0x08FF, Script.ARABIC),
    (0x0900, 0x097F, Script.DEVANAGARI),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x3005, 0x3007, Script.HAN),
    (0x3040, 0x30FF, Script.KANA),
    (0x3105, 0x312F, Script.HAN),  # Bopomofo, which only Chinese uses
    (0x3131, 0x318E, Script.HANGUL),
    (0x31F0, 0x31FF, Script.KANA),
    (0x3400, 0x4DBF, Script.HAN),
    (0x4E00, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7A3, Script.HANGUL),
    (0x20000, 0x323AF, Script.HAN),
)
"""First and last code point of the letters, after the Unicode Character Database's Blocks.txt."""

_STARTS = [first for first, _, _ in _BLOCKS]

_WEIGHTS = {Script.HAN: 2, Script.HANGUL: 2}
"""One of these signs says about as much as two letters: names in Latin letters must not outweigh the text around."""

_JAPANESE_KANA = 1 / 8
"""Kana for each Han sign: a text with more is Japanese. A quarter calls 1 in 50 Japanese texts Chinese, an eighth
fewer than 1 in 100, and no more Chinese ones Japanese (measured on the dev texts of both)."""

_FEWEST_FOREIGN = 3
"""A Greek letter or two in a formula are no text in Greek."""


def prefix(text: str) -> str:
    """What is looked at of a text, with full-width and other compatibility forms made plain (NFKC)."""
    return unicodedata.normalize("NFKC", text[:PREFIX_CHARACTERS])[:PREFIX_CHARACTERS]


def dominant_script(text: str) -> Script | None:
    """The script of most of the text, of equals the first of Script; None when it has no letters.

    Han signs count as kana where the two stand together, since that is how Japanese is written.
    """
    counts = _count_scripts(text)
    if counts[Script.KANA] > counts[Script.HAN] * _JAPANESE_KANA:
        counts[Script.KANA] += counts.pop(Script.HAN, 0) * _WEIGHTS[Script.HAN]
    if counts[Script.FOREIGN] < _FEWEST_FOREIGN:
        del counts[Script.FOREIGN]
    found = [script for script in Script if counts[script]]
    return max(found, key=lambda script: counts[script] * _WEIGHTS.get(script, 1), default=None)


def chinese_variant(text: str) -> str:
    """``zh`` or ``zh-TW``, by the different Han signs of the text that only one of the two writes; ``zh`` when it has
    none.

    A sign is simplified when the mainland's GB 2312 has it and Taiwan's Big5 has not, traditional the other way round.
    """
    signs = "".join(char for char in set(text) if _script(char) is Script.HAN)
    simplified, traditional = _encodable(signs, "gb2312"), _encodable(signs, "big5")
    both = len(_encodable(simplified, "big5"))
    return "zh-TW" if len(traditional) - both > len(simplified) - both else "zh"


def _count_scripts(text: str) -> Counter[Script]:
    counts: Counter[Script] = Counter()
    for char, times in Counter(text).items():
        if script := _script(char):
            counts[script] += times
    return counts


@lru_cache(maxsize=4096)
def _script(char: str) -> Script | None:
    first, last, script = _BLOCKS[max(bisect_right(_STARTS, ord(char)) - 1, 0)]
    if first <= ord(char) <= last:
        return script
    return Script.FOREIGN if char.isalpha() else None


def _encodable(signs: str, encoding: str) -> str:
    return signs.encode(encoding, "ignore").decode(encoding)
