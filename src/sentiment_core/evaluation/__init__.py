"""How good an analyzer is on labelled texts: the figures of the model card, and how each is computed."""

from sentiment_core.evaluation.figures import Evaluation, Headline, LanguageFigures, headline
from sentiment_core.evaluation.run import Sample, evaluate, load_samples

__all__ = ["Evaluation", "Headline", "LanguageFigures", "Sample", "evaluate", "headline", "load_samples"]
