"""Each policy that keeps the service up is still an analyzer: the contract of the port, around a fake."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.caches.memory import MemoryCache
from sentiment_core.models import Options
from sentiment_core.policies.accompanied import AccompaniedAnalyzer
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.policies.naming import NamingAnalyzer
from sentiment_core.policies.swapping import SwappingAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.testing import AnalyzerContract, FakeAnalyzer, RecordingMetrics


def caching(inner: Analyzer) -> Analyzer:
    metrics = RecordingMetrics()
    cache = MemoryCache(max_bytes=1_000_000, ttl=60, clock=time.monotonic, metrics=metrics)
    return CachingAnalyzer(inner, cache, clock=time.monotonic, metrics=metrics)


def fallback(primary: Analyzer, secondary: Analyzer) -> Analyzer:
    return FallbackAnalyzer(primary, secondary, reserve=0.5, clock=time.monotonic, metrics=RecordingMetrics())


def admission(inner: Analyzer, max_documents: int = 100) -> Analyzer:
    return AdmissionAnalyzer(inner, max_documents=max_documents, metrics=RecordingMetrics())


class TestCaching(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield caching(FakeAnalyzer())


class TestCachingWhatWasAskedBefore(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        analyzer = caching(FakeAnalyzer())
        await analyzer.analyze(self._documents(), Options())
        yield analyzer


class TestAdmission(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield admission(FakeAnalyzer())


class TestAdmissionOfOneDocumentAtATime(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield admission(FakeAnalyzer(), max_documents=1)


class TestFallback(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield fallback(FakeAnalyzer(), FakeAnalyzer())


class TestAccompanied(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield AccompaniedAnalyzer(FakeAnalyzer())


class TestNaming(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield NamingAnalyzer(FakeAnalyzer(), "sentiment", "sentiment/3")


class TestSwapping(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        swapping = SwappingAnalyzer(FakeAnalyzer(model_version="fake-0.9"), metrics=RecordingMetrics())
        swapping.swap(FakeAnalyzer())
        yield swapping


class TestAllOfThem(AnalyzerContract):
    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        yield caching(fallback(admission(FakeAnalyzer()), admission(FakeAnalyzer())))
