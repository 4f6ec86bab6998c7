"""What every stack is asked to analyze."""

from itertools import product

from msgspec.json import encode

NAME = "Lufthansa"
"""How each text begins: the far side finds it in all of them, at the same place."""

_CITIES = ("Berlin", "Paris", "Madrid", "Lisbon", "Rome", "Vienna", "Prague", "Dublin", "Oslo", "Athens")
_FIRST = ("wonderful", "awful", "friendly", "tired", "quiet", "careful", "rude", "patient", "cheerful", "slow")
_SECOND = ("great", "terrible", "short", "pleasant", "dirty", "lovely", "long", "dull", "splendid", "noisy")

TEXTS = [
    f"{NAME} flew us to {city} on {3 + number % 28} May, and the {first} crew made of the whole trip a {second} one."
    for number, (first, city, second) in enumerate(product(_FIRST, _CITIES, _SECOND))
]
"""A thousand of 21 words, in English, all different."""

BODIES = [encode({"text": text}) for text in TEXTS]
"""The same as bodies of ``POST /analyze``."""
