"""The policies, in the order in which a request meets them: each list is read from the outermost inwards."""

import asyncio
import math
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from entrypoints.settings import Settings
from sentiment_core.ledger import Ledger
from sentiment_core.models import Analysis, Feature
from sentiment_core.policies.accompanied import AccompaniedAnalyzer, Companion
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.breaker import BreakerAnalyzer
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.coalescing import CoalescingAnalyzer, by_features, by_language_and_features
from sentiment_core.policies.cost import CostAnalyzer
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.policies.identifying import IdentifyingAnalyzer
from sentiment_core.policies.isolating import IsolatingAnalyzer
from sentiment_core.policies.measuring import MeasuringAnalyzer
from sentiment_core.policies.observing import ObservingAnalyzer
from sentiment_core.policies.per_feature import PerFeatureAnalyzer
from sentiment_core.policies.quota import QuotaAnalyzer
from sentiment_core.policies.retrying import RetryingAnalyzer
from sentiment_core.policies.splitting import SplittingAnalyzer
from sentiment_core.policies.tracking import TrackingAnalyzer
from sentiment_core.policies.validating import ValidatingAnalyzer
from sentiment_core.ports import Analyzer, Cache, Clock, LanguageDetector, Metrics
from sentiment_core.probing import GoldenProbe
from sentiment_core.resilience import Circuit, Pacer, RecentTimes, RetryBudget
from sentiment_core.tracking import TrackingWindow

Policy = Callable[[Analyzer], Analyzer]

EMBEDDED_BATCHES = 2
"""Batches that the embedded model has at once: it runs one, and the other is ready when that ends."""

EMBEDDED_BATCH = 32
COMPREHEND_BATCH = 25
"""Documents in a batch at the most; what runs at once is so many for each batch."""


SPREAD_BATCH = 8
"""Documents that a batch has at least before another is sent beside it, where the quota has room for more calls.

With 64 callers and 50 ms of latency, against batches as full as can be: the median 60 -> 55 ms, 5 to 10 % more answers,
for a third more processor time. With 256 callers all batches are full either way.
"""


def compose(policies: list[Policy], analyzer: Analyzer) -> Analyzer:
    """The analyzer inside the policies, the first of which is outermost."""
    for policy in reversed(policies):
        analyzer = policy(analyzer)
    return analyzer


def service_chain(
    settings: Settings,
    backend: Analyzer,
    embedded: Callable[[], Analyzer],
    *,
    detector: LanguageDetector,
    cache: Cache | None,
    ledger: Ledger,
    metrics: Metrics,
    window: TrackingWindow,
    new_id: Callable[[Analysis], str],
    clock: Clock,
    canary: Policy | None = None,
    shadow: Policy | None = None,
) -> Analyzer:
    """What the API and the library call. ``embedded`` is asked for where it stands behind another backend."""
    admission = AdmissionAnalyzer(backend, max_documents=places(settings, settings.analyzer), metrics=metrics)
    admissions = [admission]
    inner: list[Policy] = [shadow] if shadow else []
    if has_fallback(settings):
        reserve = settings.fallback_reserve_ms / 1000
        secondary = AdmissionAnalyzer(embedded(), max_documents=places(settings, "embedded"), metrics=metrics)
        admissions.append(secondary)
        inner.append(partial(FallbackAnalyzer, secondary=secondary, reserve=reserve, clock=clock, metrics=metrics))
    if settings.analyzer == "comprehend":
        inner.append(partial(BudgetAnalyzer, ledger=ledger, metrics=metrics))
    outer: list[Policy] = [
        partial(IdentifyingAnalyzer, new_id=new_id),
        partial(TrackingAnalyzer, window=window, clock=clock),
        partial(ValidatingAnalyzer, detector=detector),
        partial(MeasuringAnalyzer, metrics=metrics),
    ]
    if canary:
        outer.append(canary)
    if cache is not None:
        is_full = partial(_all_full, admissions)
        outer.append(partial(CachingAnalyzer, cache=cache, is_full=is_full, clock=clock, metrics=metrics))
    return compose([*outer, *inner], admission)


def places(settings: Settings, analyzer: str) -> int:
    """Documents that admission lets in to an analyzer: the batches that run at once, and a queue of one batch less.

    That keeps it busy, as batches end one after another, and who is let in waits for less than one call takes.
    """
    if analyzer == "comprehend":
        return (2 * _batches_at_once(settings) - 1) * COMPREHEND_BATCH
    return (2 * EMBEDDED_BATCHES - 1) * EMBEDDED_BATCH


def _all_full(admissions: Sequence[AdmissionAnalyzer]) -> bool:
    return all(admission.full for admission in admissions)


def has_fallback(settings: Settings) -> bool:
    """Whether the embedded model stands behind another analyzer."""
    return settings.analyzer != "embedded" and settings.fallback == "on"


def accompanied_chain(
    settings: Settings,
    analyzer: Analyzer,
    ledger: Callable[[], Ledger],
    probe: Callable[[], GoldenProbe],
    companions: Sequence[Companion],
) -> AccompaniedAnalyzer:
    """The service's chain with what works beside it; the ledger and the probe are asked for where they are needed."""
    return AccompaniedAnalyzer(
        analyzer,
        around=[ledger()] if settings.pays else [],
        beside=[*([probe()] if has_fallback(settings) else []), *companions],
    )


def embedded_chain(
    analyzer: Analyzer, *, max_bytes: int, max_documents: int, metrics: Metrics, clock: Clock
) -> Analyzer:
    """Batches may mix languages, and nothing is paid for."""
    return SplittingAnalyzer(_queue(analyzer, max_documents, metrics, clock), max_bytes)


def mixed_chain(
    analyzers: Mapping[Feature, Analyzer], *, max_bytes: int, max_documents: int, metrics: Metrics, clock: Clock
) -> Analyzer:
    """For a model that does not answer every feature: each is asked of its own analyzer. They have one name."""
    queues = {feature: _queue(analyzer, max_documents, metrics, clock) for feature, analyzer in analyzers.items()}
    return SplittingAnalyzer(PerFeatureAnalyzer(queues, clock), max_bytes)


def _queue(analyzer: Analyzer, max_documents: int, metrics: Metrics, clock: Clock) -> CoalescingAnalyzer:
    return CoalescingAnalyzer(
        analyzer,
        max_documents=max_documents,
        max_concurrent=EMBEDDED_BATCHES,
        key=by_features,
        metrics=metrics,
        clock=clock,
    )


def comprehend_chain(
    analyzer: Analyzer,
    settings: Settings,
    *,
    max_bytes: int,
    max_documents: int,
    ledger: Ledger,
    metrics: Metrics,
    clock: Clock,
) -> Analyzer:
    """Each feature has a queue, a breaker, a quota and costs of its own; the budget of retries is common to them."""
    retries = RetryBudget(metrics)

    def per_feature(feature: Feature) -> CoalescingAnalyzer:
        circuit = Circuit(feature.value, metrics=metrics, clock=clock, random=random.random)
        times = RecentTimes()
        call = compose(
            [
                partial(BreakerAnalyzer, circuit=circuit),
                IsolatingAnalyzer,
                partial(
                    RetryingAnalyzer,
                    operation=feature.value,
                    budget=retries,
                    circuit=circuit,
                    times=times,
                    metrics=metrics,
                    clock=clock,
                    sleep=asyncio.sleep,
                    random=random.random,
                ),
                partial(
                    QuotaAnalyzer,
                    operation=feature.value,
                    single=Pacer(settings.comprehend_single_tps / settings.replicas, clock),
                    batch=Pacer(settings.comprehend_batch_tps / settings.replicas, clock),
                    times=times,
                    metrics=metrics,
                    clock=clock,
                    sleep=asyncio.sleep,
                ),
                partial(ObservingAnalyzer, circuit=circuit, times=times, clock=clock),
                partial(CostAnalyzer, operation=feature.value, ledger=ledger, metrics=metrics),
            ],
            analyzer,
        )
        return CoalescingAnalyzer(
            call,
            max_documents=max_documents,
            max_concurrent=_batches_at_once(settings),
            key=by_language_and_features,
            metrics=metrics,
            clock=clock,
            min_documents=SPREAD_BATCH if _quota_is_plenty(settings) else None,
        )

    chains = {feature: per_feature(feature) for feature in Feature}
    return SplittingAnalyzer(PerFeatureAnalyzer(chains, clock), max_bytes)


def _batches_at_once(settings: Settings) -> int:
    """Of one feature. No more than the quota lets through in 0.2 s: batches that wait for their turn fill no further.

    By the simulation of the chain: with 128 callers and the default quota 3 batches give 12.6 times the documents of
    single calls, 5 give 10.6.
    """
    return min(settings.comprehend_connections // len(Feature), _batches_within_quota(settings))


def _quota_is_plenty(settings: Settings) -> bool:
    """Whether it is the connections that limit how many batches there are at once."""
    return settings.comprehend_connections // len(Feature) <= _batches_within_quota(settings)


def _batches_within_quota(settings: Settings) -> int:
    return 1 + math.ceil(0.2 * settings.comprehend_batch_tps / settings.replicas)
