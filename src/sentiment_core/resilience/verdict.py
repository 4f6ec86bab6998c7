"""What a call's outcomes say of the upstream."""

from collections.abc import Sequence
from enum import Enum

from sentiment_core.errors import (
    AnalyzerError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InvalidReplyError,
)
from sentiment_core.models import Analysis, Outcome


class Verdict(Enum):
    """Of one call, however many documents it had."""

    ANSWERED = "answered"
    FAILED = "failed"
    REFUSED = "refused"
    """The credentials were: nothing will be answered until an operator acts."""
    SAYS_NOTHING = "says nothing"


_FAILURES = (AnalyzerUnavailableError, InvalidReplyError)


def judge(outcomes: Sequence[Outcome], *, had_time: bool) -> Verdict:
    """A call is answered when any of its documents is, and failed when all that were in order failed by the upstream.

    Throttling says nothing (the quota's policy sees to it), nor do documents that nobody would take. A call that was
    cut at its deadline failed only if it ``had_time``: callers in a hurry must not make the upstream look broken.
    """
    if any(isinstance(outcome, Analysis) for outcome in outcomes):
        return Verdict.ANSWERED
    if any(isinstance(outcome, CredentialsError) for outcome in outcomes):
        return Verdict.REFUSED
    failures = (*_FAILURES, DeadlineExceededError) if had_time else _FAILURES
    asked = [outcome for outcome in outcomes if isinstance(outcome, AnalyzerError)]
    if asked and all(isinstance(outcome, failures) for outcome in asked):
        return Verdict.FAILED
    return Verdict.SAYS_NOTHING
