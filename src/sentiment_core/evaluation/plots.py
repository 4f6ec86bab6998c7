"""Drawings of how sentiment does, as SVG: small, sharp at any size, and without a drawing library."""

from collections.abc import Sequence

from sentiment_core.evaluation.classes import CalibrationBin
from sentiment_core.evaluation.figures import Confusion
from sentiment_core.models import SentimentType

_SIDE, _MARGIN = 240, 36
_LARGEST = 9.0
"""Radius of the point of the bin with most texts; areas go by their number."""

_CELL, _LEFT, _TOP = 76, 92, 58


def calibration_plot(bins: Sequence[CalibrationBin]) -> str:
    """How often an answer is right against how sure it is: a point for each bin.

    Those on the diagonal claim what they keep.
    """
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


def confusion_plot(confusion: Confusion, title: str) -> str:
    """A row for each annotated class, a column for each answered one: shares of the row, and numbers of texts."""
    width, height = _LEFT + len(SentimentType) * _CELL + 12, _TOP + len(SentimentType) * _CELL + 12
    columns = "".join(
        f'<text x="{_LEFT + (at + 0.5) * _CELL}" y="{_TOP - 8}" text-anchor="middle">{label.lower()}</text>'
        for at, label in enumerate(SentimentType)
    )
    rows = "".join(_row(at, label, confusion) for at, label in enumerate(SentimentType))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11" fill="#333"><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="12" y="18" font-size="13">{title}: annotated (rows) and answered (columns)</text>{columns}{rows}'
        "</svg>\n"
    )


def _row(at: int, label: SentimentType, confusion: Confusion) -> str:
    answers = confusion.get(label, {})
    texts = sum(answers.values())
    middle = _TOP + (at + 0.5) * _CELL
    cells = "".join(
        _cell(_LEFT + column * _CELL, _TOP + at * _CELL, answers.get(answer, 0), texts)
        for column, answer in enumerate(SentimentType)
    )
    return f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{label.lower()}</text>{cells}'


def _cell(x: float, y: float, texts: int, of: int) -> str:
    share = texts / of if of else 0.0
    ink = "#fff" if share > 0.5 else "#333"
    middle = x + _CELL / 2
    return (
        f'<rect x="{x}" y="{y}" width="{_CELL - 2}" height="{_CELL - 2}" fill="#1f6feb" fill-opacity="'
        f'{0.04 + 0.96 * share:.2f}"/><g fill="{ink}" text-anchor="middle"><text x="{middle}" y="{y + _CELL / 2}" '
        f'font-size="14">{share:.0%}</text><text x="{middle}" y="{y + _CELL / 2 + 16}">{texts:,}</text></g>'
    )
