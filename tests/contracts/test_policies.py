"""Each policy round an analyzer that keeps the contract keeps it; so does the whole chain to a paid analyzer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from sentiment_core.ledger import Ledger
from sentiment_core.models import Feature
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.policies.canary import CanaryAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_language_and_features
from sentiment_core.policies.cost import CostAnalyzer
from sentiment_core.policies.isolating import IsolatingAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.policies.retrying import RetryingAnalyzer
from sentiment_core.policies.shadowing import ShadowingAnalyzer
from sentiment_core.ports import Analyzer
from sentiment_core.resilience import Circuit, Pacer, RecentTimes, RetryBudget
from sentiment_core.testing import AnalyzerContract, FakeAnalyzer, InMemorySpendStore, RecordingMetrics
from sentiment_core.tracking import CanaryWindow, ShadowWindow

CLOCK = time.monotonic
METRICS = RecordingMetrics()


def _circuit() -> Circuit:
    return Circuit("sentiment", metrics=METRICS, clock=CLOCK, random=lambda: 0.5)


def _ledger() -> Ledger:
    return Ledger(InMemorySpendStore(), metrics=METRICS, wall_clock=time.time, sleep=asyncio.sleep)


def _per_feature(inner: Analyzer) -> Analyzer:
    def queue() -> CoalescingAnalyzer:
        return CoalescingAnalyzer(
            inner,
            max_documents=25,
            max_concurrent=5,
            key=by_language_and_features,
            metrics=METRICS,
            clock=CLOCK,
        )

    return PerFeatureAnalyzer({feature: queue() for feature in Feature}, CLOCK)


def _breaker(inner: Analyzer) -> Analyzer:
    return BreakerAnalyzer(inner, _circuit())


def _retrying(inner: Analyzer) -> Analyzer:
    return RetryingAnalyzer(
        inner,
        "sentiment",
        budget=RetryBudget(METRICS),
        circuit=_circuit(),
        times=RecentTimes(),
        metrics=METRICS,
        clock=CLOCK,
        sleep=asyncio.sleep,
        random=lambda: 0.5,
    )


def _quota(inner: Analyzer) -> Analyzer:
    return QuotaAnalyzer(
        inner,
        "sentiment",
        single=Pacer(1e6, CLOCK),
        batch=Pacer(1e6, CLOCK),
        times=RecentTimes(),
        metrics=METRICS,
        clock=CLOCK,
        sleep=asyncio.sleep,
    )


def _observing(inner: Analyzer) -> Analyzer:
    return ObservingAnalyzer(inner, circuit=_circuit(), times=RecentTimes(), clock=CLOCK)


def _cost(inner: Analyzer) -> Analyzer:
    return CostAnalyzer(inner, "sentiment", ledger=_ledger(), metrics=METRICS)


def _budget(inner: Analyzer) -> Analyzer:
    return BudgetAnalyzer(inner, ledger=_ledger(), metrics=METRICS)


def _shadowing(inner: Analyzer) -> Analyzer:
    return ShadowingAnalyzer(
        inner,
        FakeAnalyzer(),
        share=1.0,
        max_documents=100,
        timeout=1.0,
        window=ShadowWindow(),
        metrics=METRICS,
        clock=CLOCK,
        sleep=asyncio.sleep,
        random=lambda: 0.5,
    )


def _canary(inner: Analyzer) -> Analyzer:
    return CanaryAnalyzer(
        inner, FakeAnalyzer(), share=0.5, salt="", reserve=0.1, window=CanaryWindow(), metrics=METRICS, clock=CLOCK
    )


def _chain(inner: Analyzer) -> Analyzer:
    for policy in (_cost, _observing, _quota, _retrying, IsolatingAnalyzer, _breaker, _per_feature, _budget):
        inner = policy(inner)
    return inner


class _PolicyContract(AnalyzerContract):
    policy: Callable[[Analyzer], Analyzer]

    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        async with aclosing(type(self).policy(FakeAnalyzer())) as analyzer:
            yield analyzer


class TestPerFeature(_PolicyContract):
    policy = staticmethod(_per_feature)


class TestBreaker(_PolicyContract):
    policy = staticmethod(_breaker)


class TestIsolating(_PolicyContract):
    policy = IsolatingAnalyzer


class TestRetrying(_PolicyContract):
    policy = staticmethod(_retrying)


class TestQuota(_PolicyContract):
    policy = staticmethod(_quota)


class TestObserving(_PolicyContract):
    policy = staticmethod(_observing)


class TestCost(_PolicyContract):
    policy = staticmethod(_cost)


class TestBudget(_PolicyContract):
    policy = staticmethod(_budget)


class TestShadowing(_PolicyContract):
    policy = staticmethod(_shadowing)


class TestCanary(_PolicyContract):
    policy = staticmethod(_canary)


class TestTheWholeChain(_PolicyContract):
    policy = staticmethod(_chain)
