"""The embedded analyzer: a model folder behind the Analyzer port."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path

from adapters.analyzers.onnx.bundle import Bundle, Manifest, read_manifest
from adapters.analyzers.onnx.export import Export
from adapters.analyzers.onnx.model import PACKAGED
from adapters.analyzers.onnx.pipeline import analyze_batch
from adapters.analyzers.onnx.transformer import Transformer
from adapters.analyzers.onnx.unknown import UnknownObserver
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerError,
    AnalyzerUnavailableError,
    DeadlineExceededError,
    InvalidTextError,
)
from sentiment_core.languages import nearest_code, unsupported_language
from sentiment_core.model_folder import TRANSFORMERS, ModelFolder
from sentiment_core.models import ALL_FEATURES, Analysis, Document, Feature, Options, Outcome, answer_or_raise
from sentiment_core.ports import Clock

MAX_BYTES = 1_200
"""Bytes of one document in UTF-8: about what the model was trained on; longer texts are split before they come here."""

MAX_DOCUMENTS = 1_000
"""Documents of one call; they are run in batches of BATCH anyway."""

BATCH = 32
"""Documents of one run of the model, of like lengths: more make it no faster, and a waiting caller wait longer."""

BATCH_BYTES = 9_600
"""Of one run, each document counted as long as the longest: what is on the way through the model is kept in memory."""

EXPORT_BATCH = 4
EXPORT_BYTES = 1_200
"""Of an export, which is likely a transformer: with one of BERT's size each text took the same time of a processor in a
batch of eight as alone (0.6 s for 40 tokens), so that a batch is only something to wait for."""

Answer = Callable[[Sequence[Document], frozenset[Feature], str], list[Analysis]]
"""Answers a batch, with the features that are asked for, in the name of an analyzer."""

_log = logging.getLogger(__name__)


class OnnxAnalyzer:
    """Runs tokenizer, model and decoding on one thread of its own, so that the event loop never waits for them."""

    name = "embedded"

    def __init__(
        self,
        directory: Path = PACKAGED,
        threads: int = 1,
        clock: Clock = time.monotonic,
        key: bytes | None = None,
        on_unknown: UnknownObserver | None = None,
    ) -> None:
        """``directory`` is a model folder, ``threads`` those that one run of the model may use.

        With a ``key`` the manifest must be signed with it. ``on_unknown`` is told what no answer says: how much of each
        text the model does not know. Raises AnalyzerUnavailableError when the folder has no manifest, or a model that
        cannot be served; what is large is read at the first use.
        """
        self._folder = ModelFolder(directory, key)
        self._threads = threads
        self._clock = clock
        self._on_unknown = on_unknown
        is_export = self._folder.named.format == TRANSFORMERS
        self._model: Manifest | Export = Export(self._folder) if is_export else read_manifest(self._folder)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="onnx")

    @property
    def model_version(self) -> str:
        """The version in the model's manifest."""
        return self._model.model_version

    @property
    def features(self) -> frozenset[Feature]:
        """What the model answers; any other feature is None in its answers."""
        return self._model.features if isinstance(self._model, Export) else ALL_FEATURES

    @property
    def batch(self) -> int:
        """Documents of one run."""
        return self._limits[0]

    @property
    def _limits(self) -> tuple[int, int]:
        return (EXPORT_BATCH, EXPORT_BYTES) if isinstance(self._model, Export) else (BATCH, BATCH_BYTES)

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        """See :class:`sentiment_core.ports.Analyzer`."""
        outcomes: dict[int, Outcome] = {}
        sizes: dict[int, int] = {}
        for place, document in enumerate(documents):
            measured = self._size(document)
            if isinstance(measured, AnalysisError):
                outcomes[place] = measured
            else:
                sizes[place] = measured
        groups = list(_batches(sizes, *self._limits))
        batches = [[documents[place] for place in group] for group in groups]
        answered = await asyncio.gather(*(self._on_thread(batch, options) for batch in batches))
        for group, answers in zip(groups, answered, strict=True):
            outcomes.update(zip(group, answers, strict=True))
        return [outcomes[place] for place in range(len(documents))]

    async def ready(self) -> None:
        """Loads the model and has it answer one document."""
        answer_or_raise(*await self._on_thread([Document("Ready?", self._model.languages[0])], Options()))

    async def aclose(self) -> None:
        """Waits for the run under way and ends the thread."""
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    def _size(self, document: Document) -> int | AnalysisError:
        """The bytes of a document's text, or why it is not answered."""
        if document.language not in self._model.languages:
            return unsupported_language(document.language, nearest_code(document.language))
        try:
            return len(document.text.encode())
        except UnicodeEncodeError:
            return InvalidTextError("The text holds a lone surrogate: it is not Unicode text.")

    async def _on_thread(self, batch: Sequence[Document], options: Options) -> list[Outcome]:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._run, batch, options)

    def _run(self, batch: Sequence[Document], options: Options) -> list[Outcome]:
        """Answer a batch; a deadline that passed while it waited for the thread is each document's failure."""
        if self._clock() >= options.deadline:
            return [DeadlineExceededError("The deadline passed before the model's turn came.") for _ in batch]
        try:
            answer = self._answer
        except AnalyzerUnavailableError as error:
            return [error for _ in batch]
        return self._answered(answer, batch, options)

    def _answered(self, answer: Answer, batch: Sequence[Document], options: Options) -> list[Outcome]:
        """A text on which tokenizer, model or decoding break fails by itself: its batch is run again one by one."""
        try:
            return list(answer(batch, options.features, self.name))
        except Exception:
            if len(batch) > 1:
                return [outcome for document in batch for outcome in self._answered(answer, [document], options)]
            _log.exception("The embedded model breaks on a text of %d characters.", len(batch[0].text))
            return [AnalyzerError("The embedded model breaks on this text, which is in order. Report it, please.")]

    @cached_property
    def _answer(self) -> Answer:
        try:
            return self._loaded()
        except AnalyzerUnavailableError:
            raise
        except Exception as error:  # the files are those that the manifest names, and yet no model
            raise AnalyzerUnavailableError(
                f"The model at {self._folder.path} cannot be loaded: {error}. Export or train it again."
            ) from error

    def _loaded(self) -> Answer:
        if isinstance(self._model, Export):
            return Transformer(self._model, self._threads, self._on_unknown).answer
        return partial(analyze_batch, Bundle(self._folder, self._threads), on_unknown=self._on_unknown)


def _batches(sizes: Mapping[int, int], most: int = BATCH, most_bytes: int = BATCH_BYTES) -> Iterator[list[int]]:
    """The places of documents, given their bytes, by size, in batches that are run together."""
    batch: list[int] = []
    for place in sorted(sizes, key=sizes.__getitem__):
        if batch and (len(batch) == most or (len(batch) + 1) * sizes[place] > most_bytes):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
