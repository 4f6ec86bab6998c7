"""The gate of a promotion: whether a challenger may take the champion's place, and why not.

Two analyzers are measured on the same texts, and what was measured is judged::

    samples = load_samples(dataset, LANGUAGES, "test", limit=1_000)
    measured = await measure(
        [Candidate(challenger, folder_bytes), Candidate(champion, other_bytes)],   # or the challenger alone
        samples, detector, split="test", limit=1_000, clock=time.perf_counter,
    )
    report = judge(*measured, budgets=Budgets(p99_seconds=0.2), random=Random(0))
    report.passed, report.reasons            # a bool, and a sentence for each rule that is broken
    msgspec.json.encode(report)              # every figure; msgspec.json.decode(..., type=GateReport) reads it
    report_text(report)                      # the same for people

The analyzers are those that are served: behind the policies that cut long texts, without cache and fallback. A failed
answer counts as a wrong one. The random numbers of one seed give one report. ``sentiment models promote`` keeps the
report with the version.
"""

from sentiment_core.promotion.gate import ALPHA, Budgets, GateReport, Rule, judge
from sentiment_core.promotion.measuring import Candidate, Measured, folder_bytes, measure
from sentiment_core.promotion.text import report_text

__all__ = [
    "ALPHA",
    "Budgets",
    "Candidate",
    "GateReport",
    "Measured",
    "Rule",
    "folder_bytes",
    "judge",
    "measure",
    "report_text",
]
