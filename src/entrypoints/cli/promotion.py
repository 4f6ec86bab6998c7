"""Registered versions before the gate of a promotion."""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

import msgspec
from msgspec.structs import replace

from entrypoints.cli.evaluation_view import progress_bar
from entrypoints.cli.registry import fetch
from entrypoints.container import build_container
from entrypoints.settings import Settings, alone
from sentiment_core.evaluation import Sample
from sentiment_core.policies.naming import NamingAnalyzer
from sentiment_core.ports import Analyzer, ModelRegistry
from sentiment_core.promotion import (
    Budgets,
    Candidate,
    GateReport,
    Measured,
    folder_bytes,
    judge,
    measure,
    report_text,
)
from sentiment_core.registry import ModelVersion

GATE = "gate"
"""The tag with the verdict, ``passed`` or ``refused``."""


def ask_gate(
    settings: Settings,
    registry: ModelRegistry,
    versions: Sequence[ModelVersion],
    samples: Sequence[Sample],
    *,
    split: str,
    limit: int | None,
    budgets: Budgets,
    seed: int,
) -> GateReport:
    """What the gate says of the first version, with the second, if there is one, as champion.

    Raises RegistryError, and AnalyzerUnavailableError when a version is of no use.
    """
    with tempfile.TemporaryDirectory() as beside:
        folders = [fetch(settings, registry, each, Path(beside, str(each.number))).path for each in versions]
        candidates = [_analyzer(settings, each, folder) for each, folder in zip(versions, folders, strict=True)]
        measured = asyncio.run(_measured(settings, candidates, folders, samples, split, limit))
    return judge(*measured, budgets=budgets, random=Random(seed))  # noqa: S311 - a bootstrap, nothing secret


def keep_report(registry: ModelRegistry, version: ModelVersion, report: GateReport) -> None:
    """With the version, as JSON and as text; its verdict is a tag."""
    registry.attach(version, "gate.json", msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    registry.attach(version, "gate.txt", report_text(report).encode())
    registry.set_tag(version, GATE, "passed" if report.passed else "refused")


async def _measured(
    settings: Settings,
    analyzers: Sequence[Analyzer],
    folders: Sequence[Path],
    samples: Sequence[Sample],
    split: str,
    limit: int | None,
) -> list[Measured]:
    container = build_container(settings)
    texts = len(analyzers) * sum(len(sample.texts) for sample in samples)
    async with AsyncExitStack() as stack:
        for analyzer in analyzers:
            stack.push_async_callback(analyzer.aclose)
            await analyzer.ready()
        with progress_bar(texts) as advance:
            return await measure(
                [Candidate(*each) for each in zip(analyzers, map(folder_bytes, folders), strict=True)],
                samples,
                container.detector(),
                split=split,
                limit=limit,
                clock=container.clock(),
                advance=advance,
            )


def _analyzer(settings: Settings, version: ModelVersion, folder: Path) -> Analyzer:
    """The version as it is served, without a cache and a fallback."""
    own = replace(alone(settings, "embedded"), embedded_model=str(folder))
    return NamingAnalyzer(build_container(own).analyzer(), version.name, str(version))
