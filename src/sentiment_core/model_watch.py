"""Serving whatever version of a registered model its alias is on."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeVar

from sentiment_core.absent import AbsentAnalyzer
from sentiment_core.background_loop import BackgroundLoop
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import MODEL_READ_TIMESTAMP_SECONDS, MODEL_REFUSALS, MODEL_REGISTRY_AWAY
from sentiment_core.model_shelf import ModelShelf
from sentiment_core.model_trial import ModelRefusedError, ModelTrial
from sentiment_core.policies.swapping import SwappingAnalyzer
from sentiment_core.ports import Analyzer, Metrics, ModelRegistry, Sleep, WallClock
from sentiment_core.registry import ModelNotFoundError, ModelReference, ModelTooLargeError, ModelVersion

T = TypeVar("T")

_log = logging.getLogger(__name__)


class ModelWatch:
    """Asks ``registry`` every ``interval`` seconds which version ``reference`` names, and has that one answer.

    A version is downloaded to ``shelf`` and passes ``trial`` before it gets traffic. One that does not is refused,
    which is logged and counted once; the one that answers stays until the alias is on a third. While the registry is
    away, the latest good version on the disk answers. Whatever may block is done on a thread of its own.
    """

    def __init__(
        self,
        reference: ModelReference,
        registry: ModelRegistry,
        shelf: ModelShelf,
        trial: ModelTrial,
        metrics: Metrics,
        *,
        wall_clock: WallClock,
        sleep: Sleep,
        interval: float,
    ) -> None:
        self._reference = reference
        self._registry = registry
        self._shelf = shelf
        self._trial = trial
        self._metrics = metrics
        self._wall_clock = wall_clock
        self._number = 0
        self._refused = 0
        self._away = False
        self._on_trial = False
        self._gone = False
        self._looks = BackgroundLoop(lambda: sleep(interval), self._follow)

    def open(self, *, on_trial: bool = False) -> SwappingAnalyzer:
        """The analyzer, with its first version; to be called once, before ``start``. Blocks.

        Raises AnalyzerUnavailableError when neither the registry nor the disk has a good version. One ``on_trial`` is
        needed by nobody: while the registry has none, which is no fault, or there is none to be had, every document
        fails.
        """
        self._on_trial = on_trial
        with ThreadPoolExecutor(1) as thread:  # the trial needs an event loop of its own, and here may be one already
            try:
                first = thread.submit(self._first).result()
            except AnalyzerUnavailableError as error:
                if not on_trial:
                    raise
                first = AbsentAnalyzer(self._reference.name, str(error))
        self._analyzer = SwappingAnalyzer(first, metrics=self._metrics, on_trial=on_trial)
        return self._analyzer

    async def start(self) -> None:
        """Begins in the background of the running event loop. What has the number that was named needs no watch."""
        if isinstance(self._reference.target, str) or not self._number:
            self._looks.start()

    async def stop(self) -> None:
        """Ends it; does nothing when it never began."""
        await self._looks.stop()

    async def _follow(self) -> None:
        another, _ = await _on_thread(self._look)
        if another is not None:
            self._analyzer.swap(another)

    def _first(self) -> Analyzer:
        analyzer, why_not = self._look()
        return analyzer or self._from_disk(why_not)

    def _look(self) -> tuple[Analyzer | None, str]:
        """The version that is wanted; None, and why, when it is here already or cannot be."""
        try:
            version = self._registry.find(self._reference)
            self._metrics.set(MODEL_READ_TIMESTAMP_SECONDS, self._wall_clock(), str(self._reference))
            analyzer = self._wanted(version)
        except Exception as error:  # whatever it is, what answers stays, and the watch goes on
            if self._on_trial and isinstance(error, ModelNotFoundError):
                return self._leave(str(error)), str(error)
            self._note_away(error)
            return None, str(error)
        self._note_back()
        return analyzer, f"{version} is refused."

    def _leave(self, why: str) -> Analyzer | None:
        """The trial is over, or has not begun."""
        self._metrics.set(MODEL_READ_TIMESTAMP_SECONDS, self._wall_clock(), str(self._reference))
        self._note_back()
        if self._gone:
            return None
        self._gone, self._number = True, 0
        _log.info("Nothing answers as %s: %s", self._reference, why)
        return AbsentAnalyzer(self._reference.name, f"{self._reference} is not there: {why}")

    def _wanted(self, version: ModelVersion) -> Analyzer | None:
        if version.number == self._number:
            self._refused = 0  # what was refused is tried again when the alias comes back to it
        if version.number in (self._number, self._refused):
            return None
        try:
            analyzer = self._from_registry(version)
        except ModelRefusedError as error:
            self._refused = version.number
            self._metrics.add(MODEL_REFUSALS, 1, error.reason)
            _log.error("%s is refused (%s): %s", version, error.reason, error)
            return None
        self._shelf.keep(self._reference.target, version.number)
        self._number, self._refused, self._gone = version.number, 0, False
        _log.info("%s answers, as %s is.", version, self._reference)
        return analyzer

    def _from_registry(self, version: ModelVersion) -> Analyzer:
        """A copy on the disk spares the download, if it is still what it was."""
        folder = self._shelf.path(version.number)
        if folder.exists():
            try:
                return self._trial.open(folder, str(version))
            except ModelRefusedError as error:
                _log.warning("The copy of %s on the disk is no good, and is fetched anew: %s", version, error)
        return self._shelf.add(
            version.number,
            partial(self._download, version),
            partial(self._trial.open, version=str(version)),
        )

    def _download(self, version: ModelVersion, folder: Path) -> None:
        try:
            self._registry.download(version, folder)
        except ModelTooLargeError as error:
            raise ModelRefusedError("size", str(error)) from None

    def _from_disk(self, why: str) -> Analyzer:
        for number in self._shelf.good(self._reference.target):
            version = f"{self._reference.name}/{number}"
            try:
                analyzer = self._trial.open(self._shelf.path(number), version)
            except ModelRefusedError as error:
                _log.error("%s on the disk is of no use: %s", version, error)
                continue
            _log.warning("%s answers: it is the latest good version on the disk.", version)
            self._number = number
            return analyzer
        raise AnalyzerUnavailableError(
            f"{self._reference} is not to be had ({why.rstrip('.')}), and no version of an earlier time is in"
            f" {self._shelf.folder}. See that MLFLOW_TRACKING_URI names the MLflow that has the model, that it is"
            " reached, and what `sentiment models list` says."
        )

    def _note_away(self, error: Exception) -> None:
        self._metrics.set(MODEL_REGISTRY_AWAY, 1, str(self._reference))
        if not self._away:
            _log.warning("The registry does not give %s: %s", self._reference, error)
        self._away = True

    def _note_back(self) -> None:
        self._metrics.set(MODEL_REGISTRY_AWAY, 0, str(self._reference))
        if self._away:
            _log.info("The registry gives %s again.", self._reference)
        self._away = False


async def _on_thread(work: Callable[[], T]) -> T:
    """Like ``asyncio.to_thread``, on a thread for which Python does not wait at its end."""
    promise: Future[T] = Future()
    promise.set_running_or_notify_cancel()

    def run() -> None:
        try:
            promise.set_result(work())
        except BaseException as error:
            promise.set_exception(error)

    Thread(target=run, name="models", daemon=True).start()
    return await asyncio.wrap_future(promise)
