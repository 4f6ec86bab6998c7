"""The feedback store, on a real file, and its double keep the contract of FeedbackStore."""

from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path

import pytest

from adapters.feedback_stores.sqlite import SqliteFeedbackStore
from sentiment_core.feedback.verdict import Feedback
from sentiment_core.ports import FeedbackStore
from sentiment_core.testing.feedback_stores import FeedbackStoreContract, InMemoryFeedbackStore


class TestInMemoryFeedbackStore(FeedbackStoreContract):
    @pytest.fixture(autouse=True)
    def place(self) -> None:
        self.kept: dict[str, Feedback] = {}

    def open_store(self) -> AbstractAsyncContextManager[FeedbackStore]:
        return aclosing(InMemoryFeedbackStore(self.kept))


class TestSqliteFeedbackStore(FeedbackStoreContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "not there yet" / "feedback.db"

    def open_store(self) -> AbstractAsyncContextManager[FeedbackStore]:
        return aclosing(SqliteFeedbackStore(self.path, page=7))
