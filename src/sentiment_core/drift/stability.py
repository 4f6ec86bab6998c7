"""The population stability index."""

import math
from collections.abc import Sequence

SMOOTHING = 0.5
"""Documents added to every bin on both sides: an empty one would make the index infinite."""


def stability_index(expected: Sequence[float], observed: Sequence[float]) -> float:
    """PSI of the documents ``observed`` in each bin against those ``expected`` there, of equally many: 0 or more.

    The sum over the bins of (p - q) ln(p / q), p and q being the observed and the expected share (N. Siddiqi, Credit
    Risk Scorecards, 2006, from whom the usual reading is: to 0.1 nothing has changed, from 0.25 much has). It is the
    sum of the two Kullback-Leibler divergences. Of n documents in B bins from the very distribution it is about
    chi-squared with B - 1 degrees of freedom over n (B. Yurdakul, Statistical Properties of Population Stability Index,
    2018), plus as much for the m documents that the expectation is from, over m.
    """
    total = sum(observed) + SMOOTHING * len(observed)
    shares = (((p + SMOOTHING) / total, (q + SMOOTHING) / total) for p, q in zip(observed, expected, strict=True))
    return sum((p - q) * math.log(p / q) for p, q in shares)
