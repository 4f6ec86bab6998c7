"""How good an analyzer is on labelled texts, and beside another: each figure, and how it is computed."""

from sentiment_core.evaluation.comparison import Comparison, compare
from sentiment_core.evaluation.figures import Evaluation, Headline, LanguageFigures, Latency, headline
from sentiment_core.evaluation.latency import measure_latency
from sentiment_core.evaluation.run import Examination, Sample, examine, load_samples

__all__ = [
    "Comparison",
    "Evaluation",
    "Examination",
    "Headline",
    "LanguageFigures",
    "Latency",
    "Sample",
    "compare",
    "examine",
    "headline",
    "load_samples",
    "measure_latency",
]
