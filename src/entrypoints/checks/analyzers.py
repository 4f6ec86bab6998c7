"""Whether analyzers answer: the one that callers reach, and those on trial."""

import asyncio
from collections.abc import Callable
from functools import partial

from entrypoints.checks.check import Check
from entrypoints.container import Container
from entrypoints.settings import SettingsError
from sentiment_core.errors import AnalysisError
from sentiment_core.models import AUTO, Document, Options, answer_or_raise
from sentiment_core.ports import Analyzer


def check_analyzer(container: Container) -> Check:
    """One text through the whole chain, as a request would go."""
    try:
        return Check("analyzer", True, asyncio.run(_answer(container.analyzer, AUTO)))
    except (AnalysisError, SettingsError) as error:
        return Check("analyzer", False, _reason(error), "See above; then run `sentiment doctor` again.")


def check_canary(container: Container) -> Check:
    """One text asked of the canary, as the policies before it would."""
    share = f"{100 * container.settings().canary_share:g}% of the texts"
    return _check_trial("canary", share, partial(container.build, container.settings().canary))


def check_shadow(container: Container) -> Check:
    """One text asked of the shadow, likewise."""
    share = f"{100 * container.settings().shadow_share:g}% of the documents"
    return _check_trial("shadow", share, partial(container.build_modestly, container.settings().shadow))


def _check_trial(role: str, share: str, build: Callable[[], Analyzer]) -> Check:
    try:
        return Check(role, True, f"{asyncio.run(_answer(build, 'en'))}, {share}")
    except (AnalysisError, SettingsError) as error:
        variable = f"SENTIMENT_{role.upper()}"
        remedy = f"Callers have the primary's answers. Mend it, or name another analyzer in {variable}, or unset it."
        return Check(role, None, _reason(error), remedy)


def _reason(error: AnalysisError | SettingsError) -> str:
    return f"{error.code}: {error}" if isinstance(error, AnalysisError) else str(error)


async def _answer(build: Callable[[], Analyzer], language: str) -> str:
    analyzer = build()
    try:
        await analyzer.ready()
        outcome = answer_or_raise(*await analyzer.analyze([Document("The staff were wonderful.", language)], Options()))
    finally:
        await analyzer.aclose()
    label = outcome.sentiment.sentiment if outcome.sentiment else "nothing"
    return f"{outcome.analyzer} ({outcome.model_version}) answers: {label}"
