"""The policies for an analyzer on trial, and what stands round it."""

import asyncio
import random
from functools import partial

from entrypoints.chains import Policy, compose, places
from entrypoints.settings import Settings
from sentiment_core.ledger import Ledger
from sentiment_core.policies.admission import AdmissionAnalyzer
from sentiment_core.policies.budget import BudgetAnalyzer
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.policies.canary import CanaryAnalyzer
from sentiment_core.policies.shadowing import ShadowingAnalyzer
from sentiment_core.ports import Analyzer, Cache, Clock, Metrics
from sentiment_core.tracking import CanaryWindow, ShadowWindow


def shadow_policy(
    settings: Settings,
    shadow: Analyzer | None,
    *,
    ledger: Ledger,
    window: ShadowWindow,
    metrics: Metrics,
    clock: Clock,
) -> Policy | None:
    """Asks ``shadow``, within the day's budget. It has the time that a caller would give it."""
    if shadow is None:
        return None
    return partial(
        ShadowingAnalyzer,
        shadow=compose(_budget(settings.shadow, ledger, metrics), shadow),
        share=settings.shadow_share,
        max_documents=places(settings, settings.shadow),
        timeout=settings.timeout_ms / 1000,
        window=window,
        metrics=metrics,
        clock=clock,
        sleep=asyncio.sleep,
        random=random.random,
    )


def canary_policy(
    settings: Settings,
    canary: Analyzer | None,
    *,
    cache: Cache | None,
    ledger: Ledger,
    window: CanaryWindow,
    metrics: Metrics,
    clock: Clock,
) -> Policy | None:
    """Has ``canary`` answer behind what the primary is behind: the cache, which is common to both, budget, admission.

    The salt is its spec, the same in every replica: another canary gets other texts.
    """
    if canary is None:
        return None
    admission = AdmissionAnalyzer(canary, max_documents=places(settings, settings.canary), metrics=metrics)
    policies = _budget(settings.canary, ledger, metrics)
    if cache is not None:
        policies.insert(0, partial(CachingAnalyzer, cache=cache, clock=clock, metrics=metrics))
    return partial(
        CanaryAnalyzer,
        canary=compose(policies, admission),
        share=settings.canary_share,
        salt=settings.canary,
        reserve=settings.fallback_reserve_ms / 1000,
        window=window,
        metrics=metrics,
        clock=clock,
    )


def _budget(spec: str, ledger: Ledger, metrics: Metrics) -> list[Policy]:
    return [partial(BudgetAnalyzer, ledger=ledger, metrics=metrics)] if spec == "comprehend" else []
