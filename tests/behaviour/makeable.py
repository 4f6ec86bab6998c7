"""What the everyday patterns can make, whatever a seed draws: each as an expression that matches all of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"[{\[](\w+)[}\]]")
_END = ".!。！ "


def expressions(words: Mapping[str, Any]) -> Iterator[re.Pattern[str]]:
    """Of one language's lists in ``everyday.json``; neither case nor the mark at the end counts."""
    turned = words["turned"]
    for pattern in turned["positive"] + turned["negative"]:
        yield _filled(pattern, turned)
    for template in words["entities"] + words["facts"]:
        yield _filled(template, words)
    space = "" if words["full"] == "。" else " "
    said = words["positive"] + words["negative"] + words["neutral"]
    whole = words["good"] + words["bad"]
    clauses = [f"{thing}{space}{each}" for thing in words["things"] for each in said] + whole
    yield _filled("{a}", {"a": clauses})
    stems = [each.removesuffix(words.get("ending", "")) for each in clauses]
    for template in words["but"]:
        yield _filled(template, {"a": clauses, "b": clauses, "stem": stems})


def _filled(template: str, words: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    text, places = _PLACE.split(template.rstrip(_END))[::2], _PLACE.findall(template)
    filled = "".join(f"{re.escape(before)}{_any_of(words[place])}" for before, place in zip(text, places, strict=False))
    return re.compile(f"{filled}{re.escape(text[-1])}[{_END}]*", re.IGNORECASE)


def _any_of(texts: Sequence[str]) -> str:
    return f"(?:{'|'.join(re.escape(each) for each in texts)})"
