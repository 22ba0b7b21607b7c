"""Figures as pictures: whole numbers for SVG; the table beside says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from affiliate.dashboards.figures import Figure

# The picture's own units; the page stretches it to whatever width there is.
HEIGHT, _STEP, _GAP = 100, 10, 2
_FULL = 1000


@dataclass(frozen=True)
class Bar:
    """One bar of a picture; `cents` and `figure` are what it says when pointed at."""

    x: int
    y: int
    width: int
    height: int
    cents: int
    figure: Figure


@dataclass(frozen=True)
class Columns:
    """Bars side by side, the highest as high as the picture."""

    bars: Sequence[Bar]
    width: int
    top_cents: int
    height: int = HEIGHT


@dataclass(frozen=True)
class Lane:
    """One thing's two bars below each other, in thousandths of the longest of each."""

    figure: Figure
    sales: int
    cost: int


@dataclass(frozen=True)
class Days:
    """Sales and cost of each day in one currency, in two panels.

    They differ tenfold: on one scale cost would not be seen.
    """

    currency: str
    figures: Sequence[Figure]
    sales: Columns
    cost: Columns


def days(currency: str, figures: Sequence[Figure]) -> Days:
    """Return the picture of these days."""
    return Days(
        currency,
        figures,
        _columns(figures, [figure.sales_cents for figure in figures]),
        _columns(figures, [figure.cost_cents for figure in figures]),
    )


def lanes(figures: Sequence[Figure]) -> list[Lane]:
    """Return the picture of these rows; sales and cost each have their own scale."""
    sales = max((figure.sales_cents for figure in figures), default=0)
    cost = max((figure.cost_cents for figure in figures), default=0)
    return [
        Lane(
            figure,
            _part(figure.sales_cents, sales, _FULL),
            _part(figure.cost_cents, cost, _FULL),
        )
        for figure in figures
    ]


def _columns(figures: Sequence[Figure], cents: Sequence[int]) -> Columns:
    top = max(cents, default=0)
    bars = []
    for n, (figure, value) in enumerate(zip(figures, cents, strict=True)):
        height = _part(value, top, HEIGHT)
        bars.append(
            Bar(n * _STEP, HEIGHT - height, _STEP - _GAP, height, value, figure)
        )
    return Columns(bars, max(1, len(bars) * _STEP - _GAP), max(0, top))


def _part(cents: int, top: int, whole: int) -> int:
    """Return the length of a bar; what is there at all is seen."""
    if cents <= 0 or top <= 0:
        return 0
    return max(1, cents * whole // top)
