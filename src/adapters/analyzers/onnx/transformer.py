"""A Hugging Face export, loaded: texts to windows of tokens, the graph, its scores to answers."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from tokenizers import Encoding, Tokenizer

from adapters.analyzers.onnx.bundle import GRAPH, TOKENIZER, open_session, run
from adapters.analyzers.onnx.decoding import Floats, log_softmax
from adapters.analyzers.onnx.export import Export
from adapters.analyzers.onnx.features import Ints
from adapters.analyzers.onnx.unknown import UnknownObserver, unknown_id
from adapters.analyzers.onnx.words import find_entities
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import Analysis, Document, Feature, Sentiment, SentimentScore, SentimentType, top_sentiment

_TYPES = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Transformer:
    """A text of more tokens than the model reads at once is read in windows, one after another.

    Its sentiment is then the mean of theirs, each weighted by its tokens.
    """

    def __init__(self, export: Export, threads: int, on_unknown: UnknownObserver | None = None) -> None:
        """Raises AnalyzerUnavailableError when the graph does not fit the configuration."""
        self._export = export
        self._on_unknown = on_unknown
        tokenizer = export.folder.read(TOKENIZER)
        self._unknown = unknown_id(tokenizer)
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        own = (self._tokenizer.truncation or {}).get("max_length", export.max_tokens)
        self._tokenizer.enable_truncation(min(own, export.max_tokens))  # what is too long overflows, and is not lost
        self._tokenizer.no_padding()
        self._session = open_session(export.folder.read(GRAPH), threads)
        self._types = {each.name: _TYPES.get(each.type) for each in self._session.get_inputs()}
        outputs = {each.name: each.shape for each in self._session.get_outputs()}
        self._output = "logits" if "logits" in outputs else next(iter(outputs))
        self._check(outputs[self._output])

    def answer(self, documents: Sequence[Document], features: frozenset[Feature], analyzer: str) -> list[Analysis]:
        """Answers in order, with what the model knows of the features asked for."""
        windows = [[whole, *whole.overflowing] for whole in self._encode(documents)]
        scores = iter(self._run(list(chain.from_iterable(windows))))
        if self._on_unknown is not None:
            self._on_unknown(documents, [self._unknown_share(own) for own in windows])
        return [
            self._analysis(document, own, [next(scores) for _ in own], features, analyzer)
            for document, own in zip(documents, windows, strict=True)
        ]

    def _encode(self, documents: Sequence[Document]) -> list[Encoding]:
        return self._tokenizer.encode_batch([document.text for document in documents])

    def _run(self, windows: Sequence[Encoding]) -> Iterator[Floats]:
        """Of each window the probabilities of the labels: one row, or one for each of its tokens."""
        width = max(map(len, windows))
        columns = {
            "input_ids": self._padded([each.ids for each in windows], width, self._export.config.pad_token_id or 0),
            "attention_mask": self._padded([each.attention_mask for each in windows], width),
            "token_type_ids": self._padded([each.type_ids for each in windows], width),
        }
        inputs = {name: columns[name].astype(kind) for name, kind in self._types.items()}
        [logits] = run(self._session, [self._output], inputs)
        probabilities = np.exp(log_softmax(logits))
        return (row[: len(window)] if row.ndim > 1 else row for row, window in zip(probabilities, windows, strict=True))

    def _padded(self, rows: Sequence[Sequence[int]], width: int, filling: int = 0) -> Ints:
        return np.array([[*row, *[filling] * (width - len(row))] for row in rows], np.int64)

    def _unknown_share(self, windows: Sequence[Encoding]) -> float:
        """Of a text's own pieces; those that only mark its begin and end are none."""
        pieces = [
            piece
            for window in windows
            for piece, marks in zip(window.ids, window.special_tokens_mask, strict=True)
            if not marks
        ]
        return pieces.count(self._unknown) / max(1, len(pieces))

    def _analysis(
        self,
        document: Document,
        windows: Sequence[Encoding],
        scores: Sequence[Floats],
        features: frozenset[Feature],
        analyzer: str,
    ) -> Analysis:
        wanted = features & self._export.features
        return Analysis(
            sentiment=self._sentiment(windows, scores) if Feature.SENTIMENT in wanted else None,
            entities=find_entities(document.text, windows, scores, self._export.tags)
            if Feature.ENTITIES in wanted
            else None,
            key_phrases=None,
            model_version=self._export.model_version,
            analyzer=analyzer,
            language=document.language,
        )

    def _sentiment(self, windows: Sequence[Encoding], scores: Sequence[Floats]) -> Sentiment:
        weights = [max(1, window.special_tokens_mask.count(0)) for window in windows]
        labels = np.average(np.array(scores, np.float64), 0, weights)
        totals = dict.fromkeys(SentimentType, 0.0)
        for kind, probability in zip(self._export.sentiments, (labels / labels.sum()).tolist(), strict=True):
            totals[kind] += probability
        return top_sentiment(SentimentScore(**{kind.lower(): min(1.0, total) for kind, total in totals.items()}))

    def _check(self, shape: Sequence[object]) -> None:
        if unknown := [name for name, kind in self._types.items() if name not in _INPUTS or kind is None]:
            raise AnalyzerUnavailableError(
                f"The model's graph asks for {', '.join(unknown)}. It can be given {', '.join(_INPUTS)}, as whole"
                " numbers: export it with `optimum-cli export onnx`."
            )
        dimensions, labels = 2 if self._export.sentiments else 3, len(self._export.config.id2label)
        if len(shape) != dimensions or (isinstance(shape[-1], int) and shape[-1] != labels):
            raise AnalyzerUnavailableError(
                f"The model's graph gives {self._output} of the shape {shape}, which is not one score for each of the"
                f" {labels} labels of its config.json."
            )
