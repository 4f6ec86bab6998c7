"""One batch through the model: pieces, graph, decoding, answers."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from adapters.analyzers.onnx.bundle import Bundle, run
from adapters.analyzers.onnx.decoding import Bools, Floats, log_softmax
from adapters.analyzers.onnx.edges import trim_entity, trim_phrase
from adapters.analyzers.onnx.features import (
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


class Span(NamedTuple):
    """What a head has found: place of the document, number of the type, begin and end in code points, and score."""

    head: Feature
    document: int
    kind: int
    begin: int
    end: int
    score: float


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
    pieces = np.stack((encoded.ids, encoded.shapes, encoded.inside))
    ids, shapes, inside = pad(pieces, encoded.lengths, max(1, int(encoded.lengths.max())))
    inputs = {"ids": ids, "shapes": shapes, "lengths": encoded.lengths}
    logits = _run(bundle, documents, inputs, features)
    sentiments = _sentiments(bundle, logits) if Feature.SENTIMENT in features else None
    spans = _spans(bundle, documents, encoded, logits, inside.astype(np.bool_))
    entities = _entities(bundle, documents, spans) if Feature.ENTITIES in features else None
    phrases = _phrases(documents, spans) if Feature.KEY_PHRASES in features else None
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
    bundle: Bundle, documents: Sequence[Document], inputs: dict[str, Ints], features: frozenset[Feature]
) -> dict[str, Floats]:
    """The graph's outputs that the features need, by name; without sentiment nothing is hashed for its wide branch."""
    if Feature.SENTIMENT in features:
        inputs = inputs | _wide_inputs(bundle, documents, inputs["ids"], inputs["lengths"])
    else:
        nothing = np.zeros((len(documents), 1), np.int64)
        inputs = inputs | {"piece_buckets": nothing, "char_buckets": nothing, "languages": nothing[:, 0]}
    names = [name for feature in Feature if feature in features for name in _OUTPUTS[feature]]
    return dict(zip(names, run(bundle.session, names, inputs), strict=True))


def _wide_inputs(bundle: Bundle, documents: Sequence[Document], ids: Ints, lengths: Ints) -> dict[str, Ints]:
    """What the wide branch reads: hashed n-grams of the pieces and of the characters, and the language."""
    manifest = bundle.manifest
    languages = np.array([manifest.languages.index(document.language) for document in documents], np.int64)
    chars, char_lengths = characters([document.text for document in documents])
    return {
        "piece_buckets": piece_buckets(ids, lengths, languages, manifest.wide_pieces),
        "char_buckets": char_buckets(chars, char_lengths, manifest.wide_chars),
        "languages": languages,
    }


def _sentiments(bundle: Bundle, logits: dict[str, Floats]) -> list[Sentiment]:
    blend = bundle.manifest.blend
    mixed = blend.wide * logits["wide"] + blend.deep * logits["deep"] + np.array(blend.bias, np.float32)
    return [top_sentiment(SentimentScore(*scores)) for scores in np.exp(log_softmax(mixed)).tolist()]


def _spans(
    bundle: Bundle, documents: Sequence[Document], encoded: Encoded, logits: dict[str, Floats], inside: Bools
) -> list[Span]:
    """The spans that the heads which were run have found."""
    heads = tuple(head for head in bundle.tags if _OUTPUTS[head][0] in logits)
    if not heads:
        return []
    # Arabic phrases begin after a conjunction or preposition that is written together with them.
    joined = np.array([[document.language == "ar"] for document in documents])
    insides = {Feature.ENTITIES: inside, Feature.KEY_PHRASES: inside & ~joined}
    scores = [logits[_OUTPUTS[head][0]] * bundle.tags[head].sharpness for head in heads]
    spans = bundle.decoders[heads].decode(scores, encoded.lengths, [insides[head] for head in heads])
    starts = (np.cumsum(encoded.lengths) - encoded.lengths)[spans.documents]
    begins, ends = encoded.begins[starts + spans.first], encoded.ends[starts + spans.last]
    columns = (spans.heads, spans.documents, spans.kinds, begins, ends, spans.scores.astype(np.float64))
    return [Span(heads[head], *rest) for head, *rest in zip(*(each.tolist() for each in columns), strict=True)]


def _entities(bundle: Bundle, documents: Sequence[Document], spans: Iterable[Span]) -> list[list[Entity]]:
    types = bundle.manifest.entity_types
    found: list[list[Entity]] = [[] for _ in documents]
    for head, place, kind, begin, end, score in spans:
        if head is Feature.ENTITIES:
            document = documents[place]
            begin, end = trim_entity(document.text, begin, end, document.language)
            if begin < end:
                found[place].append(Entity(document.text[begin:end], types[kind], score, begin, end))
    return found


def _phrases(documents: Sequence[Document], spans: Iterable[Span]) -> list[list[KeyPhrase]]:
    found: list[list[KeyPhrase]] = [[] for _ in documents]
    for head, place, _, begin, end, score in spans:
        if head is Feature.KEY_PHRASES:
            text = documents[place].text
            begin, end = trim_phrase(text, begin, end)
            if begin < end:
                found[place].append(KeyPhrase(text[begin:end], score, begin, end))
    return found
