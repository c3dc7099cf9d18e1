"""Pictures of numbers as SVG within a page; colours are the page's, so that they are right in the dark too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from walkiosk.modality.value import QUANTILES
from walkiosk.pairs.columns import cut
from walkiosk.pairs.judging import shown

Values = NDArray[np.float64]

WIDTH = 360  # of a picture's own units: those of a phone, so that letters are not too small there
SMALL = (230, 120)  # width and height of a trend among others
TICKS = 4
MOST_POINTS = 400  # of a line
LONGEST_NAME = 20  # letters of a bar's
BARS = (26, 150, 58)  # height of a row, where bars begin, room for the number behind them


@dataclass(frozen=True)
class Line:
    """A line by its points; ``kind`` is the class of its colour in the page."""

    name: str
    kind: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Bar:
    """A bar, and the interval around its end where there is one."""

    name: str
    value: float
    kind: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Frame:
    """From numbers to places: a rectangle of the picture and what its edges stand for."""

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, value: float) -> float:
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)

    def down(self, value: float) -> float:
        return self.bottom - (value - self.y[0]) / (self.y[1] - self.y[0]) * (self.bottom - self.top)

    def points(self, x: Sequence[float], y: Sequence[float]) -> str:
        return " ".join(f"{self.across(a):.1f},{self.down(b):.1f}" for a, b in zip(x, y, strict=True) if isfinite(b))


def lines(title: str, drawn: Sequence[Line], height: int = 190, mark: float | None = None) -> Markup:
    """Lines in one frame with both axes; ``mark`` is an x that a dashed line stands at."""
    drawn = [line for line in drawn if any(map(isfinite, line.y))]
    if not drawn:
        return Markup()
    x = [value for line in drawn for value in line.x]
    y = [value for line in drawn for value in line.y if isfinite(value)]
    frame = _Frame(44, 10, WIDTH - 8, height - 24, _span(x), _span(y))
    parts = [_axes(frame)]
    if mark is not None:
        at = frame.across(mark)
        parts.append(f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{frame.top}" y2="{frame.bottom}"/>')
    for line in drawn:
        thin = _thin(len(line.x))
        points = frame.points([line.x[n] for n in thin], [line.y[n] for n in thin])
        parts.append(f'<polyline class="line {line.kind}" points="{points}"/>')
        if len(line.x) == 1:
            across, down = points.split(",")
            parts.append(f'<circle class="dot {line.kind}" cx="{across}" cy="{down}" r="3"/>')
    return _svg(title, height, parts)


def trend(title: str, values: Values, limits: tuple[float, float], wanted: Values | None = None) -> Markup:
    """N values, or N × 9 quantiles as a fan around the median; ``wanted`` is dashed beside it."""
    width, height = SMALL
    count = max(len(values), 0 if wanted is None else len(wanted))
    frame = _Frame(38, 8, width - 8, height - 20, (0, max(count - 1, 1)), limits)
    parts = [_axes(frame)]
    middle = values
    if values.ndim == 2:
        middle = values[:, len(QUANTILES) // 2]
        thin = _thin(len(values))
        for low in range(len(QUANTILES) // 2):
            upper = frame.points([float(n) for n in thin], [values[n, -1 - low] for n in thin])
            lower = frame.points([float(n) for n in thin[::-1]], [values[n, low] for n in thin[::-1]])
            parts.append(f'<polygon class="fan" points="{upper} {lower}"/>')
    for kind, row in (("wanted", wanted), ("found", middle)):
        if row is not None:
            thin = _thin(len(row))
            points = frame.points([float(n) for n in thin], [float(row[n]) for n in thin])
            parts.append(f'<polyline class="line {kind}" points="{points}"/>')
    return _svg(title, height, parts, width)


def bars(title: str, drawn: Sequence[Bar]) -> Markup:
    """A bar a row, from 0 on, with whiskers over the intervals."""
    row, left, behind = BARS
    ends = [0.0, *(x for bar in drawn for x in (bar.value, *(bar.interval or ())) if isfinite(x))]
    low, high = _span(ends)
    low, high = min(low, 0.0) if min(ends) < 0 else 0.0, max(high, 0.0)
    frame = _Frame(left, 0, WIDTH - behind, 1, (low, high), (0, 1))
    parts = []
    for number, bar in enumerate(drawn):
        y, zero, end = number * row + 5, frame.across(0.0), frame.across(bar.value if isfinite(bar.value) else 0.0)
        parts.append(f'<text class="name" x="{left - 8}" y="{y + 12}">{escape(cut(bar.name, LONGEST_NAME))}</text>')
        box = f'x="{min(zero, end):.1f}" width="{max(abs(end - zero), 1):.1f}" y="{y}"'
        parts.append(f'<rect class="bar {bar.kind}" {box} height="{row - 10}"/>')
        if bar.interval and all(map(isfinite, bar.interval)):
            a, b = (frame.across(x) for x in bar.interval)
            y_middle = y + (row - 10) / 2
            ticks = "".join(f"M{x:.1f} {y_middle - 4}v8" for x in (a, b))
            parts.append(f'<path class="whisker" d="M{a:.1f} {y_middle}H{b:.1f}{ticks}"/>')
            end = max(end, b)
        parts.append(f'<text x="{max(end, zero) + 6:.1f}" y="{y + 12}">{shown(bar.value)}</text>')
    return _svg(title, row * len(drawn), parts)


def limits_of(values: Sequence[Values]) -> tuple[float, float]:
    """What the vertical axis of several trends has to hold."""
    return _span([float(edge) for one in values for edge in (one.min(), one.max())])


def _svg(title: str, height: float, parts: Sequence[str | Markup], width: float = WIDTH) -> Markup:
    box = f'viewBox="0 0 {width} {height}"'
    inside = Markup("").join(Markup(part) for part in parts)  # what a user wrote was escaped where it was put in
    return Markup('<svg role="img" {} aria-label="{}">{}</svg>').format(Markup(box), title, inside)


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The least and the largest, never the same."""
    low, high = min(values), max(values)
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return low - room, high + room
    return low, high


def _thin(count: int) -> list[int]:
    """Places of at most `MOST_POINTS` points, evenly spread, the last one among them."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, MOST_POINTS))})


def _axes(frame: _Frame) -> str:
    parts = []
    for value in _ticks(*frame.y):
        y = frame.down(value)
        parts.append(f'<line class="grid" x1="{frame.left}" x2="{frame.right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="name" x="{frame.left - 5}" y="{y + 4:.1f}">{_short(value)}</text>')
    for value in _ticks(*frame.x):
        x = frame.across(value)
        parts.append(f'<text class="below" x="{x:.1f}" y="{frame.bottom + 14}">{_short(value)}</text>')
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between the two, about `TICKS` of them."""
    raw = (high - low) / TICKS
    power = 10.0 ** floor(log10(raw)) if raw > 0 else 1.0
    step = next((power * m for m in (1, 2, 5) if power * m >= raw), power * 10)
    first = -floor(-low / step)
    return [step * n for n in range(first, first + 3 * TICKS) if step * n <= high + step * 1e-9]


def _short(value: float) -> str:
    """1500 → 1.5k, 0.25 → 0.25."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"
