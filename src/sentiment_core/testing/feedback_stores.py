"""InMemoryFeedbackStore, and what every FeedbackStore must do: inherit the contract and say how to open yours."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from msgspec.structs import replace

from sentiment_core.feedback.verdict import Feedback, Prediction
from sentiment_core.models import SentimentType
from sentiment_core.ports import FeedbackStore, FeedbackStoreError

T = TypeVar("T")


class InMemoryFeedbackStore:
    """Keeps verdicts in ``kept``, by id. While ``away`` is True, every call but aclose raises FeedbackStoreError."""

    def __init__(self, kept: dict[str, Feedback] | None = None) -> None:
        self.kept = {} if kept is None else kept
        self.away = False
        self.closed = False

    async def put(self, feedback: Feedback) -> bool:
        self._check()
        is_new = feedback.id not in self.kept
        self.kept[feedback.id] = feedback
        return is_new

    async def read(self, after: str = "") -> list[Feedback]:
        self._check()
        return sorted((each for each in self.kept.values() if each.id > after), key=lambda each: each.id)[:2]

    async def delete(self, id_: str) -> bool:
        self._check()
        return self.kept.pop(id_, None) is not None

    async def delete_before(self, instant: float) -> int:
        self._check()
        old = [each.id for each in self.kept.values() if each.received < instant]
        for id_ in old:
            del self.kept[id_]
        return len(old)

    async def aclose(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self.away:
            raise FeedbackStoreError("The store is away.")


class FeedbackStoreContract:
    """A test class of yours inherits it and overrides ``open_store``; a test runner finds the rest."""

    SAID = Prediction(1_700_000_000, SentimentType.POSITIVE, 0.97, "zh-TW", "sentiment", "sentiment/3")
    WRONG = Feedback("aB-_9", SAID, SentimentType.NEGATIVE, 1_700_000_100.25, "Schön war's, 'wirklich' \U0001f44d\x00")
    RIGHT = Feedback("Ab-_9", SAID, SentimentType.POSITIVE, 1_700_000_200.5)

    def open_store(self) -> AbstractAsyncContextManager[FeedbackStore]:
        """One that is closed at the end of the block; within a test all of them share what they keep."""
        raise AssertionError("override open_store")

    def _run(self, use: Callable[[FeedbackStore], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self.open_store() as store:
                return await use(store)

        return asyncio.run(run())

    def test_a_new_store_has_no_verdicts_and_nothing_to_delete(self) -> None:
        async def use(store: FeedbackStore) -> list[object]:
            return [len(await store.read()), await store.delete("a"), await store.delete_before(2e9)]

        assert self._run(use) == [0, False, 0]

    def test_what_was_put_is_there_for_everybody_in_order_of_the_ids(self) -> None:
        async def use(store: FeedbackStore) -> tuple[bool, bool]:
            return await store.put(self.WRONG), await store.put(self.RIGHT)

        assert self._run(use) == (True, True)
        assert self._run(read_all) == [self.RIGHT, self.WRONG]

    def test_a_second_verdict_replaces_the_first_and_its_text(self) -> None:
        other = replace(self.WRONG, label=SentimentType.MIXED, received=1_700_000_300.0, text=None)

        async def use(store: FeedbackStore) -> tuple[bool, bool]:
            return await store.put(self.WRONG), await store.put(other)

        assert self._run(use) == (True, False)
        assert self._run(read_all) == [other]

    def test_reading_on_and_on_gives_each_verdict_once(self) -> None:
        many = [replace(self.RIGHT, id=f"{number:02}") for number in range(20)]

        async def use(store: FeedbackStore) -> list[Feedback]:
            for each in reversed(many):
                await store.put(each)
            return await read_all(store)

        assert self._run(use) == many

    def test_one_is_deleted_by_its_id_and_the_others_stay(self) -> None:
        async def use(store: FeedbackStore) -> tuple[bool, bool]:
            await store.put(self.WRONG)
            await store.put(self.RIGHT)
            return await store.delete(self.WRONG.id), await store.delete(self.WRONG.id)

        assert self._run(use) == (True, False)
        assert self._run(read_all) == [self.RIGHT]

    def test_what_was_received_before_an_instant_is_deleted(self) -> None:
        async def use(store: FeedbackStore) -> int:
            await store.put(self.WRONG)
            await store.put(self.RIGHT)
            return await store.delete_before(self.RIGHT.received)

        assert self._run(use) == 1
        assert self._run(read_all) == [self.RIGHT]

    def test_of_verdicts_at_the_same_time_one_is_the_first(self) -> None:
        async def use(store: FeedbackStore) -> list[bool]:
            async with self.open_store() as other:
                return await asyncio.gather(*(one.put(self.RIGHT) for one in (store, other) for _ in range(10)))

        assert sum(self._run(use)) == 1

    def test_it_closes_twice_without_harm(self) -> None:
        async def use(store: FeedbackStore) -> None:
            await store.put(self.RIGHT)
            await store.aclose()
            await store.aclose()

        self._run(use)


async def read_all(store: FeedbackStore) -> list[Feedback]:
    """Every verdict of the store."""
    found: list[Feedback] = []
    while page := await store.read(found[-1].id if found else ""):
        found += page
    return found
