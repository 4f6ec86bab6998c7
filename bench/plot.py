"""The findings as a picture: how far each is from its aim, on a scale where the aim is 1."""

from collections.abc import Sequence
from html import escape

from bench.lines import Finding, Line
from bench.targets import TARGETS, Target

ROW, LEFT, WIDTH, RIGHT = 26, 350, 360, 230
"""Pixels: the height of a row, the width of the names, of the scale and of the values."""

END = 2.0
"""The end of the scale, in aims: bars that are longer are cut there."""

COLORS = {"reached": "#2e7d32", "holds": "#b26a00", "missed": "#c62828"}


def svg_of(findings: Sequence[Finding]) -> str:
    """An SVG picture of its own; what was skipped is not in it."""
    lines = [finding for finding in findings if isinstance(finding, Line)]
    height = ROW * (len(lines) + 2)
    aim = LEFT + WIDTH / END
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}">',
            "<style>text { font: 13px sans-serif; fill: #222 }</style>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            *(_row(line, TARGETS[line.key], ROW * (place + 1)) for place, line in enumerate(lines)),
            f'<line x1="{aim}" x2="{aim}" y1="{ROW * 0.8}" y2="{height - ROW}" stroke="#222"/>',
            f'<text x="{aim}" y="{ROW * 0.6}" text-anchor="middle">target</text>',
            f'<text x="{LEFT}" y="{height - ROW * 0.3}">Longer is better; the dashes are floors.</text>',
            "</svg>\n",
        ]
    )


def _row(line: Line, target: Target, top: float) -> str:
    middle = top + ROW // 2 + 5
    bar = f'<rect x="{LEFT}" y="{top + 4}" width="{_length(target, line.value):.1f}" height="{ROW - 8}"'
    value = f"{line.value:,.3g}" if line.value < 1_000 else f"{line.value:,.0f}"
    return "\n".join(
        [
            f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{escape(target.what)}</text>',
            f'{bar} fill="{COLORS[line.verdict]}"/>',
            *_floor(target, top),
            f'<text x="{LEFT + WIDTH + 8}" y="{middle}">{value} {escape(target.unit)}</text>',
        ]
    )


def _floor(target: Target, top: float) -> list[str]:
    if target.floor is None:
        return []
    x = LEFT + _length(target, target.floor)
    return [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 1}" y2="{top + ROW - 1}" stroke="#222" stroke-dasharray="3"/>']


def _length(target: Target, value: float) -> float:
    """Pixels. Of what is to be small, half is twice as good."""
    if value == target.aim:  # which may be nothing at all
        return WIDTH / END
    share = target.aim / max(value, 1e-9) if target.at_most else value / target.aim
    return min(share, END) / END * WIDTH
