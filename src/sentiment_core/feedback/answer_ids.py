"""Ids that say, signed, what was answered: an answer can be judged months later, and nothing need be remembered.

An id is URL-safe base64 of a MessagePack array and, in its last 16 bytes, keyed BLAKE2b of that (RFC 7693, section
2.9), which takes a third of HMAC-SHA-256's time. It says nothing that its answer does not, and nothing of the text.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import blake2b, sha256
from hmac import compare_digest

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder

from sentiment_core.errors import ExpiredAnswerIdError, InvalidAnswerIdError
from sentiment_core.feedback.verdict import Prediction
from sentiment_core.models import Analysis, SentimentType
from sentiment_core.ports import WallClock

DAYS = 90
"""How long an answer can be judged."""

_SIGNATURE_BYTES = 16
_SALT_BYTES = 8
_DAY = 86_400

_ALTERED = "This is not an id that this service gave: send it as it was answered, whole and unchanged."
_NO_SENTIMENT = "That answer has no sentiment to judge, since it was not asked for."


class _Content(Struct, frozen=True, array_like=True, tag=1):
    """The tag is the version of the layout. The salt tells answers apart that are otherwise equal.

    ``confidence`` is in percent: a byte, where a float has nine.
    """

    salt: bytes
    answered: int
    sentiment: SentimentType | None
    confidence: int
    language: str
    analyzer: str
    model_version: str


_encode = Encoder().encode
_decode = Decoder(_Content).decode


class AnswerIds:
    """Makes ids, and reads those made with the same key. ``entropy`` is ``os.urandom``."""

    def __init__(self, key: bytes, *, wall_clock: WallClock, entropy: Callable[[int], bytes]) -> None:
        self._key = sha256(key).digest()  # BLAKE2b takes no key of more than 64 bytes
        self._wall_clock = wall_clock
        self._entropy = entropy

    def issue(self, analysis: Analysis) -> str:
        """An id of its own for the answer."""
        sentiment = analysis.sentiment
        content = _Content(
            self._entropy(_SALT_BYTES),
            int(self._wall_clock()),
            sentiment.sentiment if sentiment else None,
            round(100 * sentiment.confidence) if sentiment else 0,
            analysis.language,
            analysis.analyzer,
            analysis.model_version,
        )
        encoded = _encode(content)
        return urlsafe_b64encode(encoded + self._sign(encoded)).rstrip(b"=").decode()

    def read(self, id_: str) -> Prediction:
        """What the answer with that id said.

        Raises InvalidAnswerIdError for what is no id of this key, or of an answer without a sentiment;
        ExpiredAnswerIdError when it is older than DAYS.
        """
        content = self._verified(id_)
        if self._wall_clock() - content.answered > DAYS * _DAY:
            raise ExpiredAnswerIdError(f"That answer was given more than {DAYS} days ago: judge a newer one.")
        if content.sentiment is None:
            raise InvalidAnswerIdError(_NO_SENTIMENT)
        return Prediction(
            content.answered,
            content.sentiment,
            content.confidence / 100,
            content.language,
            content.analyzer,
            content.model_version,
        )

    def _verified(self, id_: str) -> _Content:
        signed = _unpacked(id_)
        encoded, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
        if not compare_digest(self._sign(encoded), signature):
            raise InvalidAnswerIdError(_ALTERED)
        try:
            return _decode(encoded)
        except ValueError:  # signed with this key, in another version's layout
            raise InvalidAnswerIdError(_ALTERED) from None

    def _sign(self, encoded: bytes) -> bytes:
        return blake2b(encoded, digest_size=_SIGNATURE_BYTES, key=self._key).digest()


def _unpacked(id_: str) -> bytes:
    """The bytes of an id. Only their one shortest spelling is an id, so that no answer is judged under two."""
    try:
        signed = urlsafe_b64decode(id_.encode("ascii") + b"=" * (-len(id_) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidAnswerIdError(_ALTERED) from None
    if urlsafe_b64encode(signed).rstrip(b"=").decode() != id_:
        raise InvalidAnswerIdError(_ALTERED)
    return signed
