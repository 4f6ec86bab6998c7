"""Analyzers measured on the same texts: as figures, as JSON, and as runs in MLflow."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from random import Random
from typing import TYPE_CHECKING

import click
from msgspec.structs import asdict, replace

from entrypoints.cli.evaluation_view import progress_bar
from entrypoints.settings import Settings, alone
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.evaluation import Comparison, Evaluation, Sample, compare, examine, measure_latency
from sentiment_core.evaluation.recording import as_json, difference_figures, record_evaluation
from sentiment_core.tracking import RunRecord

if TYPE_CHECKING:
    from entrypoints.container import Container
    from sentiment_core.ports import Analyzer, Tracker

EXPERIMENT = "sentiment-evaluation"


class ComparedEvaluation(Evaluation, frozen=True):
    """What ``--json`` writes of two analyzers: the first one's evaluation, and how it stands to the other's.

    ``comparison`` has the differences: the first one's figures less the other's.
    """

    compared: Evaluation | None = None
    comparison: Comparison | None = None


class EvaluationRun:
    """One analyzer, or two that are compared; ``evaluations`` and ``comparison`` are there once it is measured."""

    def __init__(self, samples: Sequence[Sample], specs: Sequence[str], *, split: str, limit: int | None) -> None:
        self._samples = samples
        self._specs = specs
        self._split = split
        self._limit = limit
        self.evaluations: list[Evaluation] = []
        self.comparison: Comparison | None = None

    async def measure(self, settings: Settings) -> None:
        """Asks the analyzers. Raises ClickException when one cannot answer."""
        async with AsyncExitStack() as stack:
            containers = [await stack.enter_async_context(_opened(settings, spec)) for spec in self._specs]
            await self._measure(containers)

    async def _measure(self, containers: "Sequence[Container]") -> None:
        analyzers: list[Analyzer] = [container.accompanied() for container in containers]
        detector, clock = containers[0].detector(), containers[0].clock()
        with progress_bar(len(analyzers) * sum(len(sample.texts) for sample in self._samples)) as advance:
            found = [
                await examine(
                    self._samples, each, detector, split=self._split, limit=self._limit, clock=clock, advance=advance
                )
                for each in analyzers
            ]
        latencies = await measure_latency(self._samples, analyzers, clock=clock)
        self.evaluations = [
            replace(each.figures, latency=latency) for each, latency in zip(found, latencies, strict=True)
        ]
        if len(found) > 1:
            first, second = found
            versions = (second.figures.model_version, first.figures.model_version)
            self.comparison = compare(second.texts, first.texts, Random(0), names=versions)  # noqa: S311 - no secret

    def as_json(self) -> bytes:
        """The evaluation; of two, a ComparedEvaluation."""
        first, *others = self.evaluations
        if not others:
            return as_json(first)
        return as_json(ComparedEvaluation(**asdict(first), compared=others[0], comparison=self.comparison))

    def record(self, settings: Settings, digest: str) -> None:
        """Makes a run of each analyzer's evaluation; the first one's has the comparison as well."""
        from entrypoints.container import command_tracker

        tracker = command_tracker(settings, EXPERIMENT)
        for spec, evaluation in zip(self._specs, self.evaluations, strict=True):
            with RunRecord(tracker) as record:
                self._record(record, spec, evaluation, digest)
                if evaluation is self.evaluations[0] and self.comparison:
                    record.add(partial(_record_comparison, self.comparison))

    def _record(self, record: RunRecord, spec: str, evaluation: Evaluation, digest: str) -> None:
        parameters = self._parameters(spec, evaluation, digest)
        record.add(lambda tracker: tracker.start(f"{spec} {evaluation.model_version}", parameters))
        record.add(lambda tracker: record_evaluation(tracker, evaluation))

    def _parameters(self, spec: str, evaluation: Evaluation, digest: str) -> dict[str, str]:
        return {
            "analyzer": spec,
            "model_version": evaluation.model_version,
            "split": self._split,
            "limit": str(self._limit or ""),
            "languages": ",".join(evaluation.languages),
            "data_sha256": digest,
        }


@asynccontextmanager
async def _opened(settings: Settings, spec: str) -> "AsyncIterator[Container]":
    """The container of an analyzer that answers. Nobody else's answers are measured, and none given before."""
    from entrypoints.container import build_container

    container = build_container(alone(settings, spec))
    try:
        analyzer = container.accompanied()
        try:
            await analyzer.ready()
            yield container
        finally:
            await analyzer.aclose()
    except AnalyzerUnavailableError as error:
        raise click.ClickException(f"The {spec} analyzer cannot answer: {error}") from None


def _record_comparison(comparison: Comparison, tracker: "Tracker") -> None:
    tracker.log(difference_figures(comparison), 0)
    tracker.attach("comparison.json", as_json(comparison))
