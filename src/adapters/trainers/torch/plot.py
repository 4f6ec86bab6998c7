"""The calibration of sentiment as a drawing: how often an answer is right against how sure it is."""

from collections.abc import Sequence

from sentiment_core.evaluation.classes import CalibrationBin

_SIDE, _MARGIN = 240, 36
_LARGEST = 9.0
"""Radius of the point of the bin with most texts; areas go by their number."""


def calibration_plot(bins: Sequence[CalibrationBin]) -> str:
    """An SVG of a point for each bin; those on the diagonal claim what they keep."""
    most = max((each.texts for each in bins), default=1)
    points = "".join(_point(each, _LARGEST * (each.texts / most) ** 0.5) for each in bins)
    ticks = "".join(
        f'<text x="{_across(at)}" y="{_up(0) + 16}" text-anchor="middle">{at:g}</text>'
        f'<text x="{_across(0) - 6}" y="{_up(at) + 4}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    whole, middle = _SIDE + 2 * _MARGIN, _MARGIN + _SIDE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}" '
        f'font-family="sans-serif" font-size="11" fill="#333">'
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>'
        f'<path d="M{_MARGIN} {_MARGIN}V{_up(0)}H{_across(1)}" fill="none" stroke="#333"/>'
        f'<path d="M{_across(0)} {_up(0)}L{_across(1)} {_up(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'{ticks}<text x="{middle}" y="{whole - 4}" text-anchor="middle">score of the answer</text>'
        f'<text transform="translate(11 {middle}) rotate(-90)" text-anchor="middle">share that is right</text>'
        f'<g fill="#1f6feb" fill-opacity=".75">{points}</g></svg>\n'
    )


def _point(each: CalibrationBin, radius: float) -> str:
    return (
        f'<circle cx="{_across(each.confidence)}" cy="{_up(each.right)}" r="{radius:.1f}">'
        f"<title>{each.texts} texts: score {each.confidence:.2f}, right {each.right:.2f}</title></circle>"
    )


def _across(share: float) -> float:
    return round(_MARGIN + share * _SIDE, 1)


def _up(share: float) -> float:
    return round(_MARGIN + (1 - share) * _SIDE, 1)
