"""The findings as text and as JSON."""

from collections.abc import Mapping, Sequence

import msgspec

from bench.lines import Finding, Line, Skipped
from bench.load import Load
from bench.targets import TARGETS

WIDTH = 52


def text_of(finding: Finding) -> str:
    """A finding in one line, and what it was made from in one each."""
    target = TARGETS[finding.key]
    if isinstance(finding, Skipped):
        return f"{target.what:<{WIDTH}} skipped: {finding.reason}"
    bounds = f"{'at most' if target.at_most else 'at least'} {target.aim:g}"
    if target.floor is not None:
        bounds += f", floor {target.floor:g}"
    head = f"{target.what:<{WIDTH}} {_rounded(finding.value):>8} {target.unit:<24} {finding.verdict:<8} ({bounds})"
    return "\n".join(
        [
            head,
            *([f"    {why}"] if (why := _why_missed(finding)) else []),
            *(_load_text(name, load) for name, load in finding.loads.items()),
            *(_counts_text(name, counts) for name, counts in finding.counts.items()),
        ]
    )


def json_of(findings: Sequence[Finding], machine: Mapping[str, str]) -> bytes:
    """Everything that was found out, by key."""
    content = {"machine": machine, "findings": {finding.key: _content(finding) for finding in findings}}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _content(finding: Finding) -> dict[str, object]:
    target = msgspec.structs.asdict(TARGETS[finding.key])
    if isinstance(finding, Skipped):
        return {**target, "skipped": finding.reason}
    return {
        **target,
        "value": finding.value,
        "verdict": finding.verdict,
        "loads": finding.loads,
        "counts": finding.counts,
    }


def _why_missed(line: Line) -> str:
    return TARGETS[line.key].why_missed if line.verdict == "missed" else ""


def _load_text(name: str, load: Load) -> str:
    figures = f"{load.per_second:>10,.1f}/s   p50 {load.p50_ms:>8.2f} ms   p99 {load.p99_ms:>8.2f} ms"
    if load.cpu_us:
        figures += f"   {load.cpu_us:>8.1f} µs of the core each"
    if load.failures:
        figures += f"   {load.failures} failures"
    return f"    {name:<12} {figures}"


def _counts_text(name: str, counts: Mapping[str, float]) -> str:
    return f"    {name:<12} " + "   ".join(f"{kind} {count:.1f}" for kind, count in counts.items())


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
