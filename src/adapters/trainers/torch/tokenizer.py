"""The tokenizer: a unigram model over lower-cased text, one vocabulary for all languages."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer

PADDING, UNKNOWN = 0, 1
"""Ids of the two special pieces."""

_RUNS = r"\p{Han}+|\p{Hiragana}+|[\p{Katakana}ー]+|[\p{P}\p{S}]+|\d"


_ROW = 400
"""Characters of a row that are read."""


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
    Japanese entities begin and end there, and ``!!!`` or ``:)`` stay whole. One expression does it all,
    since every further one costs as much time as the model itself.
    """
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(_RUNS), "isolated")]
    )
    trainer = UnigramTrainer(
        vocab_size=pieces,
        special_tokens=["<pad>", "<unk>"],
        unk_token="<unk>",  # noqa: S106 (a piece, not a password)
        max_piece_length=12,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.model = Unigram(_in_order(json.loads(tokenizer.to_str())["model"]["vocab"]), unk_id=UNKNOWN)
    return tokenizer


def _in_order(vocabulary: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The vocabulary in an order of its own, the likeliest pieces first, so that training gives the same ids twice.

    The trainer's order is that of a hash table. It also decides the last digits of the scores, so two decimals are
    left; and how the characters that were not learned are lined up, a ten-thousandth apart from the least score
    upwards: those all get the least.
    """
    special, learned = vocabulary[:2], vocabulary[2:]
    singles = {piece for piece, _ in learned if len(piece) == 1}
    least = min((score for piece, score in learned if piece not in singles), default=0.0)
    lined_up = least + 1e-4 * len(singles)
    scored = [(piece, least if piece in singles and score < lined_up else score) for piece, score in learned]
    rounded = [(piece, round(score, 2)) for piece, score in scored]
    return [(piece, score) for piece, score in special] + sorted(rounded, key=lambda each: (-each[1], each[0]))
