"""What the embedded model must reach, raised when it rises: the mean over the languages, and the weakest of them."""

from msgspec import Struct

from sentiment_core.languages import LANGUAGES
from tests.behaviour.rates import (
    Measure,
    capitals,
    entities_found,
    labelled_right,
    labelled_right_in_a_row,
    unchanged_by,
    unchanged_by_names,
    with_emoji,
    with_typo,
)
from tests.behaviour.sentences import FRESH, HELD_OUT

CASED = ("en", "fr", "de", "es", "it", "pt")
SPACED = (*CASED, "ko", "ar")
"""Languages in whose words two neighbours can change places; Devanagari's vowel signs cannot."""


class Floor(Struct, frozen=True):
    """``mean`` and ``weakest`` are shares, 0 to 1."""

    measure: Measure
    mean: float
    weakest: float
    languages: tuple[str, ...] = LANGUAGES


FLOORS = {
    "plain sentences": Floor(labelled_right("plain"), mean=0.97, weakest=0.88),
    "negation": Floor(labelled_right("negation"), mean=0.97, weakest=0.83),
    "contrast as MIXED": Floor(labelled_right("contrast"), mean=0.95, weakest=0.83),
    "entities found exactly": Floor(entities_found(), mean=0.95, weakest=0.82),
    "plain sentences, held out": Floor(labelled_right("plain", HELD_OUT), mean=0.90, weakest=0.80),
    "negation, held out": Floor(labelled_right("negation", HELD_OUT), mean=0.77, weakest=0.50),
    "contrast as MIXED, held out": Floor(labelled_right("contrast", HELD_OUT), mean=0.95, weakest=0.83),
    "entities found exactly, held out": Floor(entities_found(HELD_OUT), mean=0.84, weakest=0.65),
    "plain sentences, fresh": Floor(labelled_right("plain", FRESH), mean=0.83, weakest=0.62),
    "negation, fresh": Floor(labelled_right("negation", FRESH), mean=0.78, weakest=0.66),
    "contrast as MIXED, fresh": Floor(labelled_right("contrast", FRESH), mean=0.94, weakest=0.87),
    "entities found exactly, fresh": Floor(entities_found(FRESH), mean=0.87, weakest=0.70),
    "praise or a complaint after a fact, fresh": Floor(labelled_right("follow", FRESH), mean=0.83, weakest=0.50),
    "two of one tone": Floor(labelled_right_in_a_row(2), mean=0.76, weakest=0.60),
    "three of one tone": Floor(labelled_right_in_a_row(3), mean=0.62, weakest=0.23),
    "names of other cultures": Floor(unchanged_by_names, mean=0.98, weakest=0.95),
    "capitals": Floor(unchanged_by(capitals), mean=0.97, weakest=0.95, languages=CASED),
    "emoji": Floor(unchanged_by(with_emoji), mean=0.97, weakest=0.90),
    "typing mistakes": Floor(unchanged_by(with_typo), mean=0.92, weakest=0.80, languages=SPACED),
}

AGREEMENT = 0.95
"""Of the twelve languages, how many give a sentence its most frequent label; the mean over the sentences."""

NEWCOMER_SENTENCES = ("plain.staff", "plain.product", "plain.food")
"""What anyone tries first: right in every language, without exception."""
