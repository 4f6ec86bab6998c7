"""What was answered, and what would have been right."""

from msgspec import Struct

from sentiment_core.models import SentimentType


class Prediction(Struct, frozen=True):
    """What an answer said of its text's sentiment, when, and who said it.

    ``answered`` is in whole seconds since the epoch, ``confidence`` 0 to 1, in hundredths.
    """

    answered: int
    sentiment: SentimentType
    confidence: float
    language: str
    analyzer: str
    model_version: str


class Feedback(Struct, frozen=True):
    """A verdict on one answer: ``label`` is the right sentiment. ``received`` is in seconds since the epoch.

    ``text`` is there only when whoever judged has sent it.
    """

    id: str
    prediction: Prediction
    label: SentimentType
    received: float
    text: str | None = None

    @property
    def right(self) -> bool:
        """Whether the answer was."""
        return self.label is self.prediction.sentiment
