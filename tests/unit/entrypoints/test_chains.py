"""Which figures of the settings become which figures of the policies."""

import asyncio

import pytest

from entrypoints.chains import COMPREHEND_BATCH, SPREAD_BATCH, comprehend_chain
from entrypoints.settings import Settings
from sentiment_core.ledger import Ledger
from sentiment_core.models import Document, Feature, Options
from sentiment_core.testing import FakeAnalyzer, InMemorySpendStore, RecordingMetrics

CALLERS = 2 * SPREAD_BATCH


@pytest.mark.parametrize(("calls_a_second", "sizes"), [(10.0, [CALLERS]), (1_000.0, [SPREAD_BATCH] * 2)])
async def test_batches_are_as_full_as_can_be_where_the_quota_counts_them(
    calls_a_second: float, sizes: list[int]
) -> None:
    fake, metrics, clock = FakeAnalyzer(), RecordingMetrics(), asyncio.get_running_loop().time
    chain = comprehend_chain(
        fake,
        Settings(analyzer="comprehend", comprehend_batch_tps=calls_a_second),
        max_bytes=5_000,
        max_documents=COMPREHEND_BATCH,
        ledger=Ledger(InMemorySpendStore(), metrics=metrics, wall_clock=clock, sleep=asyncio.sleep),
        metrics=metrics,
        clock=clock,
    )
    options = Options(frozenset({Feature.SENTIMENT}))

    await asyncio.gather(*(chain.analyze([Document(str(n), "en")], options) for n in range(CALLERS)))

    assert [len(documents) for documents, _ in fake.calls] == sizes
