"""What the stand-in finds in a text: by keywords, but at the right offsets and in Comprehend's shapes."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

POSITIVE = (
    "wonderful",
    "great",
    "excellent",
    "loved",
    "agréable",
    "excelente",
    "ótimo",
    "良",
    "好",
    "좋",
    "맛있",
    "अच्छा",
    "رائع",
)
NEGATIVE = ("terrible", "awful", "dirty", "schrecklich", "sporca", "horrible", "sucia", "差", "최악", "बुरा", "سيئ")

_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ]\w+(?: [A-ZÀ-ÖØ-Þ]\w+)*")
_DATE = re.compile(r"\b\d{4}\b")
_PHRASE = re.compile(r"\w{4,}(?: \w{4,})*")


class RefusedError(Exception):
    """An error of the service for one document; ``whole_batch``: for all that are in a batch with it."""

    def __init__(self, code: str, message: str = "Scripted.", *, whole_batch: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.whole_batch = whole_batch


def keyword_answer(operation: str, text: str, _language: str) -> Mapping[str, Any]:
    """The members of the reply of ``operation``, a single one, to ``text``."""
    return _ANSWERS[operation](text)


def scored(label: str) -> dict[str, Any]:
    """A sentiment with a score of 0.97."""
    scores = {name: 0.97 if name.upper() == label else 0.01 for name in ("Positive", "Negative", "Neutral", "Mixed")}
    return {"Sentiment": label, "SentimentScore": scores}


def _sentiment(text: str) -> dict[str, Any]:
    good, bad = (any(word in text.lower() for word in words) for words in (POSITIVE, NEGATIVE))
    return scored(
        {(True, False): "POSITIVE", (False, True): "NEGATIVE", (True, True): "MIXED"}.get((good, bad), "NEUTRAL")
    )


def _entities(text: str) -> dict[str, Any]:
    found = [(match, kind) for pattern, kind in ((_NAME, "OTHER"), (_DATE, "DATE")) for match in pattern.finditer(text)]
    return {
        "Entities": [{**span, "Type": kind} for (_, kind), span in zip(found, _spans(m for m, _ in found), strict=True)]
    }


def _key_phrases(text: str) -> dict[str, Any]:
    return {"KeyPhrases": _spans(_PHRASE.finditer(text))}


def _spans(matches: Iterable[re.Match[str]]) -> list[dict[str, Any]]:
    return [
        {"Score": 0.99, "Text": match[0], "BeginOffset": match.start(), "EndOffset": match.end()} for match in matches
    ]


_ANSWERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "DetectSentiment": _sentiment,
    "DetectEntities": _entities,
    "DetectKeyPhrases": _key_phrases,
}
