"""Every boundary of the core. Each port has one folder of implementations in ``adapters``, of its plural name."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from sentiment_core.examples import EntityExample, KeyPhraseExample, SentimentExample
from sentiment_core.feedback.verdict import Feedback
from sentiment_core.keys import ApiKey
from sentiment_core.metric_names import Metric
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.registry import MAX_MODEL_BYTES, ModelReference, ModelVersion
from sentiment_core.training import TrainingRequest

EMPTY: Mapping[str, str] = MappingProxyType({})

Clock = Callable[[], float]
"""Seconds of one monotonic clock; its zero means nothing."""

WallClock = Callable[[], float]
"""Seconds since the epoch: ``time.time``. It may step; only what is tied to the calendar asks it."""

Sleep = Callable[[float], Awaitable[object]]
"""Waits so many seconds of that clock: ``asyncio.sleep``."""

Random = Callable[[], float]
"""Evenly distributed from 0 (inclusive) to 1 (exclusive): ``random.random``."""


class Analyzer(Protocol):
    """Answers documents: sentiment, entities and key phrases.

    The contract, which :class:`sentiment_core.testing.AnalyzerContract` tests:

    - ``analyze`` gives exactly one outcome for each document, in order; none for none.
    - A document that fails is an :class:`AnalysisError` among the outcomes. ``analyze`` itself raises none, so that
      one bad document never spoils its neighbours. What it does raise is a programming error or a cancellation.
    - A document whose language the analyzer does not know is an UnsupportedLanguageError.
    - Features that were not asked for are None in the answer, and are not paid for.
    - Offsets are code points of the document's text, end exclusive, and ``text[begin:end]`` is the item's text.
      Entities do not overlap, nor do key phrases; both are in order. All scores are between 0 and 1; the four of a
      sentiment sum to 1 (to within 0.01, since vendors round), and its label is the highest of them.
    - An analyzer behind the policies takes any number of documents, of any of its languages, each at most
      MAX_TEXT_BYTES. Adapters say in constants of their own (MAX_BYTES, MAX_DOCUMENTS) what the policies must cut to.
    - Concurrent calls are allowed, on one event loop. The event loop is never blocked for longer than a few
      milliseconds.
    - ``options.deadline`` is the last instant at which an answer is of use; what is not answered by then is a
      DeadlineExceededError.
    """

    @property
    def name(self) -> str:
        """Stable and short: ``embedded``, ``comprehend``."""
        ...

    @property
    def model_version(self) -> str:
        """What answers now; two versions may answer the same text differently."""
        ...

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]: ...

    async def ready(self) -> None:
        """Returns when a document would be answered now; otherwise raises AnalyzerUnavailableError with the reason."""
        ...

    async def aclose(self) -> None:
        """Frees threads and connections. The analyzer is not used afterwards; a second call does nothing."""
        ...


class LanguageDetector(Protocol):
    """Finds the language of a text, locally: a paid call is never made for it."""

    def detect(self, text: str) -> str:
        """The code of the text's language, one of the twelve.

        Any text has an answer, also an empty one; takes at most a few milliseconds. Raises UnsupportedLanguageError,
        naming the nearest, when the text is surely in none of the twelve.
        """
        ...


class Cache(Protocol):
    """Keeps bytes by key for a while: answers, without their texts.

    The contract, which :class:`sentiment_core.testing.CacheContract` tests:

    - A key gives the value that was set last, until its time is up. It may vanish before, when the cache is full or
      has lost what it held. A key that was never set gives nothing.
    - Nothing is raised but cancellation: a store that is away, slow or broken keeps nothing new, gives nothing, and is
      counted (CACHE_FAILURES). It holds a call up for a tenth of a second at most.
    - Concurrent calls are allowed, on one event loop, which is never blocked.
    """

    async def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """A value for each key, in order; None where there is none."""
        ...

    async def set_many(self, values: Mapping[bytes, bytes]) -> None: ...

    async def aclose(self) -> None:
        """Frees connections. The cache is not used afterwards; a second call does nothing."""
        ...


class Metrics(Protocol):
    """Counts and measures. ``labels`` are the values of ``metric.labels``, in order.

    Calls may come from any thread. They are cheap (microseconds), never block and never raise on account of a
    label's value: a metric's labels are bounded, and values beyond the bound are counted together as ``other``.
    """

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        """Increases a counter, or moves a gauge up or down."""
        ...

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """Sets a gauge."""
        ...

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Adds one observation to a histogram."""
        ...


class Tracker(Protocol):
    """Keeps a record of runs: what was configured, and how it went. Texts never reach it.

    Calls block, so they are made on a thread of their own, never on a request's path. Each may raise OSError or
    TrackingError when the store is away; the caller drops what it wanted to record.
    """

    def start(
        self, name: str, parameters: Mapping[str, str], *, tags: Mapping[str, str] = EMPTY, run: str | None = None
    ) -> str:
        """Begins a run and gives its id. One run at a time.

        With ``run``, the id of an earlier one, that goes on as it was begun; a new one begins when it is not there.
        """
        ...

    def log(self, figures: Mapping[str, float], step: int) -> None:
        """Adds figures to the run. ``step`` counts windows from 0. Raises TrackingError when there is no run."""
        ...

    def attach(self, name: str, content: str | bytes) -> None:
        """Keeps a file beside the run; ``name`` may have folders (``/``). A text is in UTF-8.

        Raises TrackingError when there is no run.
        """
        ...

    def attach_folder(self, name: str, folder: Path) -> None:
        """Keeps the files of a folder, also of those inside it, as a folder of that name beside the run.

        Raises TrackingError when there is no run.
        """
        ...

    def end(self, *, failed: bool = False) -> None:
        """Ends the run; does nothing when there is none."""
        ...

    def check(self) -> None:
        """Returns when a run could begin now."""
        ...


class TrackingError(Exception):
    """The tracking store refused or could not be reached."""


class SpendStore(Protocol):
    """Money spent by UTC day, kept across restarts and common to all who share the store.

    The contract, which :class:`sentiment_core.testing.SpendStoreContract` tests: what was added is there at once, for
    everybody; additions at the same time are all counted; any day is taken, and one that was never added to has 0. A
    call that raises SpendStoreError may or may not have been counted. It is off the requests' paths, yet never blocks
    the event loop.
    """

    async def add(self, day: str, microdollars: int) -> int:
        """Adds to a day (``2026-11-25``), and gives its sum, in millionths of a dollar. Adding 0 reads."""
        ...

    async def aclose(self) -> None:
        """Frees files and connections. The store is not used afterwards; a second call does nothing."""
        ...


class SpendStoreError(Exception):
    """What was spent could not be read or written; the message says what is wrong."""


class KeyStore(Protocol):
    """API keys by id, kept across restarts and common to all who share the store.

    The contract, which :class:`sentiment_core.testing.KeyStoreContract` tests: what was written is there at once, for
    everybody; a revoked key stays in the store. Calls block, so they are made off the event loop, and raise
    KeyStoreError when the store cannot be used.
    """

    def read(self) -> Sequence[ApiKey]:
        """All keys, revoked and expired ones included, oldest first."""
        ...

    def add(self, key: ApiKey) -> None:
        """Keeps a new key. Raises KeyStoreError when there is one with its id."""
        ...

    def revoke(self, id_: str) -> bool:
        """Whether there is a key with that id; from now on it is revoked."""
        ...


class KeyStoreError(Exception):
    """Keys could not be read or written; the message says what is wrong."""


class ModelRegistry(Protocol):
    """Versions of models by name, with aliases that move from one to another.

    The contract, which :class:`sentiment_core.testing.ModelRegistryContract` tests: versions of a name are numbered
    from 1 and stay as they were registered; an alias is on one version at a time; what was written is there at once.
    Calls block, so they are made off the event loop. Each may raise RegistryError when the registry is away or
    refuses, and ModelNotFoundError when it has no such model, version, alias or file.
    """

    def versions(self, name: str) -> Sequence[ModelVersion]:
        """Newest first; none for a name that is not known."""
        ...

    def find(self, reference: ModelReference) -> ModelVersion:
        """The version that is meant at this moment."""
        ...

    def register(self, name: str, folder: Path, tags: Mapping[str, str], *, run_id: str | None = None) -> ModelVersion:
        """Keeps the files in ``folder``, with those in its subfolders, as the next version of ``name``.

        ``run_id`` is the tracker's run that made them; without it they get one of their own.
        """
        ...

    def download(self, version: ModelVersion, folder: Path, *, max_bytes: int = MAX_MODEL_BYTES) -> None:
        """Writes the version's files to ``folder``, which is made or empty. They are not verified.

        Raises ModelTooLargeError when they are said to have more than ``max_bytes`` together; nothing is fetched then.
        """
        ...

    def set_alias(self, name: str, alias: str, number: int | None) -> None:
        """Moves an alias to a version; None takes it away, if it is there."""
        ...

    def set_tag(self, version: ModelVersion, key: str, value: str) -> None: ...

    def attach(self, version: ModelVersion, name: str, content: bytes) -> None:
        """Keeps a file with the version, beside those of its model; it takes the place of an earlier one."""
        ...

    def read(self, version: ModelVersion, name: str) -> bytes:
        """A file that was attached."""
        ...


class FeedbackStore(Protocol):
    """Verdicts on answers by the answers' ids, kept across restarts and common to all who share the store.

    The contract, which :class:`sentiment_core.testing.FeedbackStoreContract` tests: there is one verdict on an answer,
    the last that was put; what was put is there at once, for everybody; what was deleted is nowhere any more, its text
    included. A call that raises FeedbackStoreError may or may not have been heeded. The event loop is never blocked.
    """

    async def put(self, feedback: Feedback) -> bool:
        """Keeps a verdict, instead of an earlier one on the same answer. Whether there was none."""
        ...

    async def read(self, after: str = "") -> Sequence[Feedback]:
        """Some verdicts, in order of their ids in Unicode, that follow the id ``after``; none after the last."""
        ...

    async def delete(self, id_: str) -> bool:
        """Whether there was a verdict on the answer with that id; now there is none."""
        ...

    async def delete_before(self, instant: float) -> int:
        """Deletes what was received before ``instant``, in seconds since the epoch; gives how many that were."""
        ...

    async def aclose(self) -> None:
        """Frees files and connections. The store is not used afterwards; a second call does nothing."""
        ...


class FeedbackStoreError(Exception):
    """Verdicts could not be read or written; the message says what is wrong."""


class Dataset(Protocol):
    """Labelled examples, by language and split (``train``, ``dev``, ``test``).

    Raises DatasetError, saying which file is missing or broken. A language without examples gives none.
    """

    def sentiment(self, language: str, split: str) -> Sequence[SentimentExample]: ...

    def entities(self, language: str, split: str) -> Sequence[EntityExample]: ...

    def key_phrases(self, language: str, split: str) -> Sequence[KeyPhraseExample]: ...

    def digest(self) -> str:
        """SHA-256 of all that it holds, in hexadecimal: two data sets of one digest are the same."""
        ...


class Trainer(Protocol):
    """Makes a model folder that the embedded analyzer can serve."""

    def train(self, data: Path, output: Path, request: TrainingRequest) -> Path:
        """Trains on ``data`` (one folder a task, one Parquet file a language and split); gives the model's folder.

        It is written inside ``output``, with the recorded configuration and what a run that was broken off needs to
        go on. A tracking store that is away stops nothing. Raises TrainingError when ``output`` holds the work of
        another configuration, DatasetError when the data is missing or broken.
        """
        ...
