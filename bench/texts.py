"""What every stack is asked to analyze."""

from itertools import product

from msgspec.json import encode

NAME = "Lufthansa"
"""How each text begins: the far side finds it in all of them, at the same place."""

_CITIES = ("Berlin", "Paris", "Madrid", "Lisbon", "Rome", "Vienna", "Prague", "Dublin", "Oslo", "Athens")
_CREWS = ("wonderful", "awful", "friendly", "tired", "quiet", "careful", "rude", "patient", "cheerful", "slow")

TEXTS = [
    f"{NAME} flew us to {city} on {3 + number % 28} May, and the {crew} crew made of the whole trip a pleasant one."
    for number, (city, crew) in enumerate(product(_CITIES, _CREWS))
]
"""A hundred of 21 words, in English, all different."""

BODIES = [encode({"text": text}) for text in TEXTS]
"""The same as bodies of ``POST /analyze``."""

POISON = "This text is in order, and there is no fault in the caller."
"""What ``bench.stacks.poison`` makes the tokenizer raise on."""
