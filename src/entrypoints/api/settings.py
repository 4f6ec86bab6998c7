"""What the API takes of a caller's time and memory. Every figure has a default that suits the embedded model."""

from msgspec import Struct


class Limits(Struct, frozen=True):
    """The bounds of one route. Sizes are bytes, times are seconds."""

    max_body_bytes: int
    body_timeout_s: float
    default_timeout_s: float
    maximum_timeout_s: float


class ApiSettings(Struct, frozen=True):
    """Settings of the REST API.

    ``*_body_timeout_s`` is how long a body may take to arrive; ``*_timeout_s`` how long a request may take when it has
    no ``X-Request-Timeout-Ms``, and how much that header may ask for.
    """

    max_body_bytes: int = 1_000_000
    body_timeout_s: float = 3.0
    default_timeout_s: float = 5.0
    maximum_timeout_s: float = 30.0
    max_batch_body_bytes: int = 10_000_000
    batch_body_timeout_s: float = 30.0
    default_batch_timeout_s: float = 60.0
    maximum_batch_timeout_s: float = 300.0
    max_batch_documents: int = 1_000

    @property
    def single(self) -> Limits:
        """The bounds of every route but the batch's."""
        return Limits(self.max_body_bytes, self.body_timeout_s, self.default_timeout_s, self.maximum_timeout_s)

    @property
    def batch(self) -> Limits:
        """The bounds of ``POST /analyze/batch``."""
        return Limits(
            self.max_batch_body_bytes,
            self.batch_body_timeout_s,
            self.default_batch_timeout_s,
            self.maximum_batch_timeout_s,
        )
