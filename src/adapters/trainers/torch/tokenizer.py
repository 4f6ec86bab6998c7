"""The tokenizer: byte-pair merges of lower-cased characters, one vocabulary for all languages."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from adapters.analyzers.onnx.features import Ints

PADDING, UNKNOWN = 0, 1
"""Ids of the two special pieces."""
_SPECIAL = ["<pad>", "<unk>"]

_CASES = "에서|에게서?|한테|께서?|(?:으로|로)(?:서|써|부터)?|에|까지|부터|보다|처럼|조차|마다|만|과|와|이?랑|하고"
_TOPICS = "은|는|이|가|을|를|의|도|만"
_COPULAS = "이다|입니다|인|이며|이고|이?라[는고]|이?란|이자|이?나|이었다|였다|엔|에선"
_PARTICLES = rf"씨?(?:(?:{_CASES})(?:{_TOPICS})?|{_TOPICS}|{_COPULAS})|씨"
_KOREAN = (
    rf"(?=[{''.join(sorted(set(re.findall('[가-힣]', _PARTICLES))))}])(?<=\p{{Hangul}})(?:{_PARTICLES})(?!\p{{Hangul}})"
)
"""Particles at the end of a word, and 씨 (Mr, Ms): names and phrases end before them.

The look ahead at one character is redundant, and makes the search twice as fast.
"""
_ARABIC = r"(?=[وبلفك])(?<!\p{Arabic})(?:(?:و[بل]?|[بل])(?=\p{Arabic}{3})|[فك](?=ال))"
"""A conjunction or preposition written together with its word: phrases begin after it."""
_RUNS = rf"{_KOREAN}|{_ARABIC}|\p{{Han}}+|\p{{Hiragana}}+|[\p{{Katakana}}ー]+|[\p{{P}}\p{{S}}]+|\d"

_ROW = 400
"""Characters of a row that are read."""
_CUT, _CUTS = 0.1, 3
"""Share of its occurrences, and number of them, from which a piece counts as one that spans cut."""


def sample_texts(texts: Sequence[str], characters: int, seed: int) -> Iterator[str]:
    """Texts of one language in random order until they make up that many characters."""
    taken = 0
    for place in random.Random(seed).sample(range(len(texts)), len(texts)):  # noqa: S311 (no secret)
        if taken >= characters:
            return
        taken += min(len(texts[place]), _ROW)
        yield texts[place][:_ROW]


def train_tokenizer(texts: Iterable[str], pieces: int) -> Tokenizer:
    """Learn ``pieces`` pieces from the texts.

    No Metaspace: the beginning of a word goes in as the shape of its first piece, so that a word
    has the same piece wherever it stands. Runs of one script or of marks are pieces' outer limits:
    Japanese entities begin and end there, and ``!!!`` or ``:)`` stay whole. So are Korean particles and
    Arabic prefixes; where such a letter belongs to the word, the tags join it again. One expression does
    it all, since every further one costs as much time as the model itself.
    """
    tokenizer = Tokenizer(_merging())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(_RUNS), "isolated")]
    )
    trainer = BpeTrainer(vocab_size=pieces, special_tokens=_SPECIAL, max_token_length=12, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def without_cut_pieces(tokenizer: Tokenizer, ids: Ints, cut: NDArray[np.bool_]) -> Tokenizer:
    """The tokenizer without the pieces of several characters that lie across the edges of annotated spans too often.

    Such a piece (的一个, "of a") hides the edge from the tags; without it, the text is cut finer. ``ids`` are the
    pieces of annotated texts, ``cut`` those that an edge goes through.
    """
    seen, cuts = (np.bincount(each, minlength=tokenizer.get_vocab_size()) for each in (ids, ids[cut]))
    model = json.loads(tokenizer.to_str())["model"]
    pieces, merges = sorted(model["vocab"], key=model["vocab"].__getitem__), model["merges"]
    too_often = {pieces[id_] for id_ in np.flatnonzero((cuts >= _CUTS) & (cuts >= _CUT * seen)).tolist()}
    kept = set(pieces) - {left + right for left, right in merges}
    possible = []
    for left, right in merges:  # each of which comes after those that its halves are of
        if left in kept and right in kept and left + right not in too_often:
            kept.add(left + right)
            possible.append((left, right))
    vocabulary = [piece for piece in pieces if piece in kept]
    tokenizer.model = _merging({piece: id_ for id_, piece in enumerate(vocabulary)}, possible)
    return tokenizer


def _merging(vocabulary: dict[str, int] | None = None, merges: list[tuple[str, str]] | None = None) -> BPE:
    """Half of the memory of a unigram model, which keeps all pieces in a tree, byte by byte, for the same figures."""
    return BPE(vocabulary, merges, unk_token=_SPECIAL[UNKNOWN], fuse_unk=False)
