"""Where verdicts come in: they are checked, kept and counted, and forgotten when their time is up."""

import logging

from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.errors import FeedbackUnavailableError
from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.feedback.verdict import Feedback
from sentiment_core.metric_names import (
    FEEDBACK_COUNT,
    FEEDBACK_LANGUAGE_COUNT,
    FEEDBACK_SENTIMENT_COUNT,
    FEEDBACK_STORE_FAILURES,
)
from sentiment_core.models import SentimentType
from sentiment_core.policies.validating import check_text
from sentiment_core.ports import FeedbackStore, FeedbackStoreError, Metrics, Sleep, WallClock
from sentiment_core.tracking import TrackingWindow

INTERVAL = 3_600.0
"""Seconds between two times that old verdicts are deleted."""

_DAY = 86_400.0

_log = logging.getLogger(__name__)


class FeedbackIntake:
    """Takes verdicts; from ``start`` to ``stop`` it deletes those older than ``days``, unless that is 0."""

    def __init__(
        self,
        ids: AnswerIds,
        store: FeedbackStore,
        *,
        days: int,
        metrics: Metrics,
        window: TrackingWindow,
        wall_clock: WallClock,
        sleep: Sleep,
    ) -> None:
        self._ids = ids
        self._store = store
        self._days = days
        self._metrics = metrics
        self._window = window
        self._wall_clock = wall_clock
        self._deletions = BackgroundLoop(self._delete_old, lambda: sleep(INTERVAL))

    async def take(self, id_: str, label: SentimentType, text: str | None = None) -> Feedback:
        """Keeps a verdict. A later one on the same answer replaces it, and is not counted again.

        Raises InvalidAnswerIdError or ExpiredAnswerIdError, InputError when there is a text that no answer can have
        been about, FeedbackUnavailableError when the verdict cannot be kept.
        """
        feedback = Feedback(id_, self._ids.read(id_), label, self._wall_clock(), text)
        if text is not None:
            check_text(text)
        try:
            is_new = await self._store.put(feedback)
        except FeedbackStoreError as error:
            self._failed(error)
            raise FeedbackUnavailableError("The verdict cannot be kept now; send it again later.") from None
        if is_new:
            self._count(feedback)
        return feedback

    def start(self) -> None:
        """Begins in the background of the running event loop. To be called once."""
        if self._days:
            self._deletions.start()

    async def stop(self) -> None:
        """Ends it, and closes the store."""
        await self._deletions.stop()
        await self._store.aclose()

    async def _delete_old(self) -> None:
        try:
            await self._store.delete_before(self._wall_clock() - self._days * _DAY)
        except FeedbackStoreError as error:
            self._failed(error)

    def _count(self, feedback: Feedback) -> None:
        said = feedback.prediction
        verdict = "right" if feedback.right else "wrong"
        self._metrics.add(FEEDBACK_COUNT, 1, said.analyzer, said.model_version, verdict)
        self._metrics.add(FEEDBACK_LANGUAGE_COUNT, 1, said.language, verdict)
        self._metrics.add(FEEDBACK_SENTIMENT_COUNT, 1, said.sentiment, feedback.label)
        self._window.record_feedback(right=feedback.right)

    def _failed(self, error: FeedbackStoreError) -> None:
        self._metrics.add(FEEDBACK_STORE_FAILURES, 1)
        _log.error("Verdicts are neither kept nor deleted: %s", error)
