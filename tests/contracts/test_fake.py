from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sentiment_core.ports import Analyzer
from sentiment_core.testing import AnalyzerContract, FakeAnalyzer


class TestFakeAnalyzer(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield FakeAnalyzer()
