"""Why a document got no answer, by cause, so that a caller can decide what to do.

::

    AnalysisError
    ├── InputError                    the caller's to mend; no other analyzer is asked
    │   ├── InvalidTextError          empty, or not Unicode
    │   ├── TextTooLongError          more than MAX_TEXT_BYTES
    │   └── UnsupportedLanguageError
    └── AnalyzerError                 the analyzer's; another one may answer
        ├── ThrottledError            over the upstream's quota
        │   └── OverQuotaError        not sent, so as to stay within the quota
        ├── BudgetSpentError          over what may be spent in a day
        ├── OverloadedError           over our own capacity
        ├── DeadlineExceededError     no answer within the request's deadline
        ├── CredentialsError          refused by the upstream until an operator acts
        ├── InvalidReplyError         the upstream answered what cannot be right
        └── AnalyzerUnavailableError  cannot be reached, or cannot start
            ├── BreakerOpenError      not asked, since it has just failed again and again
            └── AllFailedError        nor did the one that stands in for it answer

And why a verdict on an answer was not taken::

    FeedbackError
    ├── InvalidAnswerIdError          not given by this service, altered, or nothing to judge
    ├── ExpiredAnswerIdError          given too long ago
    └── FeedbackUnavailableError      cannot be kept now

Errors name no HTTP status and no vendor: each entrypoint and each adapter has one table for that.
"""

from typing import ClassVar


class AnalysisError(Exception):
    """A document's failure. ``code`` is stable; the message is a sentence that says what to do."""

    code: ClassVar[str] = "analysis_failed"


class InputError(AnalysisError):
    """The document cannot be analyzed by anyone as it is."""

    code = "invalid_input"


class InvalidTextError(InputError):
    """The text is empty, only white space, or holds what is not Unicode text (a lone surrogate)."""

    code = "invalid_text"


class TextTooLongError(InputError):
    """The text has more bytes in UTF-8 than are taken."""

    code = "text_too_long"


class UnsupportedLanguageError(InputError):
    """The language is none of the twelve; the message names the nearest, if one is near."""

    code = "unsupported_language"


class AnalyzerError(AnalysisError):
    """The analyzer failed on a document that was in order."""

    code = "analyzer_error"


class ThrottledError(AnalyzerError):
    """The upstream refused the call because of its rate."""

    code = "throttled"


class OverQuotaError(ThrottledError):
    """The call was never sent: the upstream's quota has no room for it before the deadline."""

    code = "over_quota"


class BudgetSpentError(AnalyzerError):
    """The call was never sent: the day's money is spent."""

    code = "budget_spent"


class OverloadedError(AnalyzerError):
    """This service refused the call because it is full."""

    code = "overloaded"


class DeadlineExceededError(AnalyzerError):
    """The request's deadline passed before the answer came."""

    code = "deadline_exceeded"


class CredentialsError(AnalyzerError):
    """The upstream refused our credentials or permissions; waiting does not heal it."""

    code = "credentials"


class InvalidReplyError(AnalyzerError):
    """The upstream's reply failed validation: missing parts, unknown labels, offsets outside the text."""

    code = "invalid_reply"


class AnalyzerUnavailableError(AnalyzerError):
    """The analyzer cannot be reached or cannot start."""

    code = "analyzer_unavailable"


class BreakerOpenError(AnalyzerUnavailableError):
    """The call was never sent: the analyzer has failed again and again, and is left alone for a while."""

    code = "breaker_open"


class AllFailedError(AnalyzerUnavailableError):
    """Each analyzer that could have answered has failed; the message has their codes."""

    code = "all_failed"


class FeedbackError(Exception):
    """A verdict that was not taken. ``code`` is stable; the message is a sentence that says what to do."""

    code: ClassVar[str] = "feedback_failed"


class InvalidAnswerIdError(FeedbackError):
    """No answer that could be judged has this id."""

    code = "invalid_answer_id"


class ExpiredAnswerIdError(FeedbackError):
    """The answer with this id is too old to be judged."""

    code = "expired_answer_id"


class FeedbackUnavailableError(FeedbackError):
    """The verdict was in order and could not be kept."""

    code = "feedback_unavailable"
