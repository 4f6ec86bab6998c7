import pytest

from sentiment_core.errors import (
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InvalidReplyError,
    InvalidTextError,
    OverloadedError,
    ThrottledError,
)
from sentiment_core.models import Outcome
from sentiment_core.resilience import Verdict, judge
from sentiment_core.testing import fake_analysis

GOOD = fake_analysis()
DOWN = AnalyzerUnavailableError("It is down.")
BROKEN = InvalidReplyError("It makes no sense.")
CUT = DeadlineExceededError("It took too long.")
DENIED = CredentialsError("They have expired.")
THROTTLED = ThrottledError("Slow down.")
BAD_TEXT = InvalidTextError("It is empty.")


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([GOOD], Verdict.ANSWERED),
        ([DOWN, GOOD, BROKEN], Verdict.ANSWERED),
        ([DENIED, GOOD], Verdict.ANSWERED),
        ([DOWN], Verdict.FAILED),
        ([DOWN, BROKEN, CUT], Verdict.FAILED),
        ([BAD_TEXT, DOWN], Verdict.FAILED),
        ([DENIED], Verdict.REFUSED),
        ([DOWN, DENIED], Verdict.REFUSED),
        ([THROTTLED], Verdict.SAYS_NOTHING),
        ([DOWN, THROTTLED], Verdict.SAYS_NOTHING),
        ([BAD_TEXT], Verdict.SAYS_NOTHING),
        ([OverloadedError("It is full.")], Verdict.SAYS_NOTHING),
        ([], Verdict.SAYS_NOTHING),
    ],
    ids=str,
)
def test_a_call_failed_when_all_its_documents_that_were_in_order_failed_by_the_upstream(
    outcomes: list[Outcome], verdict: Verdict
) -> None:
    assert judge(outcomes, had_time=True) is verdict


def test_a_call_that_was_cut_failed_only_if_it_had_time() -> None:
    assert judge([CUT, CUT], had_time=True) is Verdict.FAILED
    assert judge([CUT, CUT], had_time=False) is Verdict.SAYS_NOTHING
    assert judge([DOWN, CUT], had_time=False) is Verdict.SAYS_NOTHING
