"""What is never part of an entity or a key phrase: articles before it, marks around it."""

import re

_ARTICLES = {
    "en": r"(?:the|an?)\s+",
    "fr": r"(?:les?|la|une?|des)\s+|l['’]\s*",
    "de": r"(?:der|die|das|dem|den|des|eine?[mnrs]?)\s+",
    "es": r"(?:el|l[ao]s?|una?|un[ao]s)\s+",
    "it": r"(?:il|lo|la|i|gli|le|uno?|una)\s+|l['’]\s*|un['’]\s*",
    "pt": r"(?:os?|as?|uma?|uns|umas)\s+",
}
_LEADING = {language: re.compile(articles) for language, articles in _ARTICLES.items()}
"""Small letters only: the article of "Los Angeles" or "Le Monde" belongs to the name."""

_OUTER = re.compile(r"[\s!,.:;?…·、。，：；！？।؟،؛|]+")
_CLOSING = re.compile(r"[\s!,.:;?…·、。，：；！？।؟،؛|\"'”’»」』)\]]")
_INITIALS = re.compile(r"\w\.\w\.")
"""The dot of "U.S." is the name's."""
_BRACKETS = {")": "(", "]": "[", "」": "「", "』": "『", "»": "«", "”": "“", "’": "‘", '"': '"', "'": "'"}


def trim_entity(text: str, begin: int, end: int, language: str) -> tuple[int, int]:
    """The span without an article that leads it, nor marks that lead or trail it; may be empty."""
    begin, end = trim_phrase(text, begin, end)
    articles = _LEADING.get(language)
    if articles and (article := articles.match(text, begin, end)):
        begin = article.end()
    return begin, end


def trim_phrase(text: str, begin: int, end: int) -> tuple[int, int]:
    """The span without marks that lead or trail it, except those that are its own; may be empty."""
    if leading := _OUTER.match(text, begin, end):
        begin = leading.end()
    while begin < end and _CLOSING.match(text, end - 1) and not _closes(text[begin:end]):
        end -= 1
    return begin, end


def _closes(span: str) -> bool:
    """Whether the last character belongs to the span: it closes what was opened in it, or is the dot of initials."""
    opening = _BRACKETS.get(span[-1])
    return (opening is not None and opening in span[:-1]) or _INITIALS.fullmatch(span[-4:]) is not None
