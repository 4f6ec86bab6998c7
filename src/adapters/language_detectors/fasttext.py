"""fastText's language identification model (lid.176.ftz: 176 languages, 938 kB), with a rule of scripts before it.

The model: Joulin et al., "Bag of Tricks for Efficient Text Classification" (2017), https://fasttext.cc; see NOTICE.
"""

import hashlib
import re
from pathlib import Path

import fasttext

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.languages import unsupported_language
from sentiment_core.scripts import LANGUAGE_OF_SCRIPT, Script, chinese_variant, dominant_script, prefix

MODEL = Path(__file__).with_name("lid.176.ftz")
MODEL_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"

KIN = {
    **{code: code for code in ("en", "fr", "de", "es", "it", "pt", "ja", "ko", "hi", "ar", "zh")},
    **dict.fromkeys(("als", "bar", "frr", "ksh", "lb", "nds", "pfl"), "de"),
    **dict.fromkeys(("ast", "an"), "es"),
    **dict.fromkeys(("co", "eml", "lmo", "nap", "pms", "sc", "scn", "vec"), "it"),
    **dict.fromkeys(("oc", "wa"), "fr"),
    "gl": "pt",
    "sco": "en",
    "arz": "ar",
}
"""The model's labels that count as one of the twelve: the languages themselves, and varieties so near that the model
takes everyday texts of the big language for them."""

SUPPORTED = frozenset(KIN.values())
LATIN_LANGUAGES = frozenset({"en", "fr", "de", "es", "it", "pt"})

MIN_CHARACTERS = 20
"""A shorter text is never refused on the model's word."""

SURE = 0.8
"""Probability of all foreign labels together from which on a text is surely foreign. On the dev texts of the twelve
it refuses 0.03 % wrongly (at most 0.10 %, in German), and lets pass 1 in 20 foreign sentences; at 0.7 it is 0.09 %."""

NEGLIGIBLE = 0.001
"""Less likely labels are not computed, which saves half of the model's time."""

_NOISE = re.compile(r"https?\S*|@\w+|[^\w\s',.¿¡!?:;()\"«»“”-]")
"""Addresses, mentions, emoji and other signs: they belong to no language, and the model guesses one from them."""


class FasttextDetector:
    """Implements :class:`sentiment_core.ports.LanguageDetector`. Threads may share it.

    Persian, Urdu and the like are told from Arabic; Marathi and Nepali are answered as Hindi, since the model takes a
    quarter of all Hindi texts for Nepali or Marathi. Han, kana and hangul are never refused.
    """

    def __init__(self, model: Path = MODEL) -> None:
        """Loads the model, in about 25 ms. Raises AnalyzerUnavailableError when the file is not the known one."""
        if hashlib.sha256(model.read_bytes()).hexdigest() != MODEL_SHA256:
            raise AnalyzerUnavailableError(f"{model} is damaged: install the package again.")
        self._model = fasttext.load_model(str(model))  # type: ignore[attr-defined, no-untyped-call]

    def detect(self, text: str) -> str:
        """As the port says; a text without letters is ``en``."""
        text = prefix(text)
        match dominant_script(text):
            case None:
                return "en"
            case Script.HAN:
                return chinese_variant(text)
            case Script.KANA | Script.HANGUL | Script.DEVANAGARI as script:
                return LANGUAGE_OF_SCRIPT[script]
            case script:
                return self._by_model(text, script)

    def _by_model(self, text: str, script: Script) -> str:
        text = _clean(text)
        ranked = self._ranked(text)
        foreign = {label: probability for label, probability in ranked.items() if label not in KIN}
        if script is Script.FOREIGN or (len(text) >= MIN_CHARACTERS and sum(foreign.values()) >= SURE):
            raise unsupported_language(next(iter(foreign), "unknown"), _likeliest(ranked, SUPPORTED))
        return LANGUAGE_OF_SCRIPT.get(script) or _likeliest(ranked, LATIN_LANGUAGES)

    def _ranked(self, text: str) -> dict[str, float]:
        """The model's codes and their probabilities, the likeliest first."""
        labels, probabilities = self._model.predict(text, k=-1, threshold=NEGLIGIBLE)
        return dict(zip((label.removeprefix("__label__") for label in labels), probabilities, strict=True))


def _clean(text: str) -> str:
    """One line in lower case; nor does a lone surrogate stay. The model would refuse both."""
    return " ".join(_NOISE.sub(" ", text).split()).lower()


def _likeliest(ranked: dict[str, float], languages: frozenset[str]) -> str:
    """The likeliest of the languages, with what its varieties add to it."""
    totals: dict[str, float] = {}
    for label, probability in ranked.items():
        if (language := KIN.get(label)) in languages:
            totals[language] = totals.get(language, 0) + probability
    return max(totals, key=totals.__getitem__, default="en")
