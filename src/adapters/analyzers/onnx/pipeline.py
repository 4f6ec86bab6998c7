"""One batch through the model: pieces, graph, decoding, answers."""

from collections.abc import Iterator, Sequence

import numpy as np

from adapters.analyzers.onnx.bundle import Bundle, run
from adapters.analyzers.onnx.decoding import Bools, Floats, Spans, log_softmax
from adapters.analyzers.onnx.edges import trim_entity, trim_phrase
from adapters.analyzers.onnx.features import (
    WIDE_PIECES,
    Encoded,
    Ints,
    char_buckets,
    characters,
    encode,
    pad,
    piece_buckets,
)
from adapters.analyzers.onnx.unknown import UnknownObserver, unknown_shares
from sentiment_core.models import (
    Analysis,
    Document,
    Entity,
    Feature,
    KeyPhrase,
    Sentiment,
    SentimentScore,
    top_sentiment,
)

_OUTPUTS = {
    Feature.SENTIMENT: ("wide", "deep"),
    Feature.ENTITIES: ("entities",),
    Feature.KEY_PHRASES: ("phrases",),
}


def analyze_batch(
    bundle: Bundle,
    documents: Sequence[Document],
    features: frozenset[Feature],
    analyzer: str,
    on_unknown: UnknownObserver | None = None,
) -> list[Analysis]:
    """Answers for documents of the model's languages, in order, with the features asked for."""
    encoded = encode(bundle.tokenizer, [document.text for document in documents])
    logits = _run(bundle, documents, encoded, features)
    sentiments = _sentiments(bundle, logits) if Feature.SENTIMENT in features else None
    entities = _entities(bundle, documents, encoded, logits) if Feature.ENTITIES in features else None
    phrases = _phrases(bundle, documents, encoded, logits) if Feature.KEY_PHRASES in features else None
    if on_unknown is not None:
        on_unknown(documents, unknown_shares(encoded.ids, encoded.lengths, bundle.unknown))
    return [
        Analysis(
            sentiment=sentiments[place] if sentiments else None,
            entities=tuple(entities[place]) if entities is not None else None,
            key_phrases=tuple(phrases[place]) if phrases is not None else None,
            model_version=bundle.manifest.model_version,
            analyzer=analyzer,
            language=document.language,
        )
        for place, document in enumerate(documents)
    ]


def _run(
    bundle: Bundle, documents: Sequence[Document], encoded: Encoded, features: frozenset[Feature]
) -> dict[str, Floats]:
    """The graph's outputs that the features need, by name; without sentiment nothing is hashed for its wide branch."""
    width = max(1, int(encoded.lengths.max()))
    ids = pad(encoded.ids, encoded.lengths, width)
    inputs = {"ids": ids, "shapes": pad(encoded.shapes, encoded.lengths, width), "lengths": encoded.lengths}
    if Feature.SENTIMENT in features:
        inputs |= wide_inputs(bundle, documents, ids, encoded.lengths)
    else:
        nothing = np.zeros((len(documents), 1), np.int64)
        inputs |= {"piece_buckets": nothing, "char_buckets": nothing, "languages": nothing[:, 0]}
    names = [name for feature in Feature if feature in features for name in _OUTPUTS[feature]]
    return dict(zip(names, run(bundle.session, names, inputs), strict=True))


def wide_inputs(bundle: Bundle, documents: Sequence[Document], ids: Ints, lengths: Ints) -> dict[str, Ints]:
    """What the wide branch reads: hashed n-grams of the pieces and of the characters, and the language."""
    manifest = bundle.manifest
    languages = np.array([manifest.languages.index(document.language) for document in documents], np.int64)
    chars, char_lengths = characters([document.text for document in documents])
    return {
        "piece_buckets": piece_buckets(ids[:, :WIDE_PIECES], lengths, languages, manifest.wide_pieces),
        "char_buckets": char_buckets(chars, char_lengths, manifest.wide_chars),
        "languages": languages,
    }


def _sentiments(bundle: Bundle, logits: dict[str, Floats]) -> list[Sentiment]:
    blend = bundle.manifest.blend
    mixed = blend.wide * logits["wide"] + blend.deep * logits["deep"] + np.array(blend.bias, np.float32)
    return [top_sentiment(SentimentScore(*scores)) for scores in np.exp(log_softmax(mixed)).tolist()]


def _entities(
    bundle: Bundle, documents: Sequence[Document], encoded: Encoded, logits: dict[str, Floats]
) -> list[list[Entity]]:
    tags, types = bundle.manifest.entities, bundle.manifest.entity_types
    spans = bundle.entities.decode(logits["entities"] * tags.sharpness, encoded.lengths, _inside(encoded))
    found: list[list[Entity]] = [[] for _ in documents]
    for place, kind, begin, end, score in _edges(spans, encoded):
        document = documents[place]
        begin, end = trim_entity(document.text, begin, end, document.language)
        if begin < end:
            found[place].append(Entity(document.text[begin:end], types[kind], score, begin, end))
    return found


def _phrases(
    bundle: Bundle, documents: Sequence[Document], encoded: Encoded, logits: dict[str, Floats]
) -> list[list[KeyPhrase]]:
    sharpness = bundle.manifest.phrases.sharpness
    # Arabic phrases begin after a conjunction or preposition that is written together with them.
    joined = np.array([document.language == "ar" for document in documents])
    inside = _inside(encoded) & ~joined[:, None]
    spans = bundle.phrases.decode(logits["phrases"] * sharpness, encoded.lengths, inside)
    found: list[list[KeyPhrase]] = [[] for _ in documents]
    for place, _, begin, end, score in _edges(spans, encoded):
        text = documents[place].text
        begin, end = trim_phrase(text, begin, end)
        if begin < end:
            found[place].append(KeyPhrase(text[begin:end], score, begin, end))
    return found


def _inside(encoded: Encoded) -> Bools:
    width = max(1, int(encoded.lengths.max()))
    return pad(encoded.inside, encoded.lengths, width).astype(np.bool_)


def _edges(spans: Spans, encoded: Encoded) -> Iterator[tuple[int, int, int, int, float]]:
    """Document, type, begin and end in code points, and score of each span."""
    starts = (np.cumsum(encoded.lengths) - encoded.lengths)[spans.documents]
    columns = (
        spans.documents,
        spans.kinds,
        encoded.begins[starts + spans.first],
        encoded.ends[starts + spans.last],
        spans.scores.astype(np.float64),
    )
    return zip(*(column.tolist() for column in columns), strict=True)
