"""A Hugging Face export: what its ``config.json`` says of a model, in Comprehend's terms."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from adapters.analyzers.onnx.labels import Tag, sentiment_labels, tag_labels
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.languages import LANGUAGES
from sentiment_core.model_folder import ModelFolder
from sentiment_core.models import Feature, SentimentType

CONFIG = "config.json"
TOKENIZER_CONFIG = "tokenizer_config.json"

MOST_TOKENS = 512
"""Of one run, also of a model that could read more: what a token costs grows with their number."""


class Config(Struct, frozen=True):
    """What matters here of ``config.json``. ``languages`` is our own: those of the twelve that the model knows."""

    architectures: tuple[str, ...]
    id2label: dict[int, str]
    max_position_embeddings: int | None = None
    model_type: str = ""
    pad_token_id: int | None = None
    problem_type: str | None = None
    languages: tuple[str, ...] = LANGUAGES


class _TokenizerConfig(Struct, frozen=True):
    model_max_length: float | None = None


class Export:
    """What the model answers: either ``sentiments`` by label, or ``tags`` by label, and never both.

    ``max_tokens`` are those that it reads at once, the special ones included.
    """

    def __init__(self, folder: ModelFolder) -> None:
        """Raises AnalyzerUnavailableError when the model is of a kind, or has a label, that cannot be served."""
        self.folder = folder
        self.config = _decode(folder, CONFIG, Config)
        self.languages = _languages(self.config)
        self.max_tokens = _max_tokens(folder, self.config)
        self.sentiments: list[SentimentType] = []
        self.tags: list[Tag | None] = []
        [architecture] = self.config.architectures[:1] or ("none",)
        if architecture.endswith("ForSequenceClassification") and self.config.problem_type in _ONE_LABEL:
            self.sentiments = sentiment_labels(self.config.id2label)
        elif architecture.endswith("ForTokenClassification"):
            self.tags = tag_labels(self.config.id2label)
        else:
            raise AnalyzerUnavailableError(
                f"The model is a {architecture} (problem_type: {self.config.problem_type}). What can be served is a"
                " ...ForSequenceClassification that gives a text one label, or a ...ForTokenClassification."
            )

    @property
    def model_version(self) -> str:
        return self.folder.named.model_version

    @property
    def features(self) -> frozenset[Feature]:
        """What the model answers."""
        return frozenset({Feature.SENTIMENT if self.sentiments else Feature.ENTITIES})


_ONE_LABEL = (None, "single_label_classification")


def _languages(config: Config) -> tuple[str, ...]:
    if strange := set(config.languages) - set(LANGUAGES):
        raise AnalyzerUnavailableError(
            f"The model's config.json names the languages {', '.join(sorted(strange))}. Write some of these in their"
            f" place: {', '.join(LANGUAGES)}."
        )
    return config.languages


def _max_tokens(folder: ModelFolder, config: Config) -> int:
    limits = [MOST_TOKENS]
    if config.max_position_embeddings is not None:
        # RoBERTa and its kin count positions from behind that of the padding.
        unused = (config.pad_token_id or 0) + 1 if "roberta" in config.model_type or config.model_type in _KIN else 0
        limits.append(config.max_position_embeddings - unused)
    if TOKENIZER_CONFIG in folder.named.files:
        said = _decode(folder, TOKENIZER_CONFIG, _TokenizerConfig).model_max_length
        limits += [int(said)] if said else []
    return min(limits)


_KIN = ("camembert", "longformer", "mpnet", "data2vec-text")


T = TypeVar("T", bound=Struct)


def _decode(folder: ModelFolder, name: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(folder.read(name), type=kind)
    except msgspec.DecodeError as error:
        raise AnalyzerUnavailableError(f"The model's {name} cannot be read: {error}.") from error
