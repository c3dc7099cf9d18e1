"""Units a week of 811 articles over a year (UCI, Tan and San Lau, 2014; CC BY 4.0). An article is a group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.pairs import charts
from training.pairs.lines import Line, Media, write_lines
from training.series import weekly_sales

HISTORY, FUTURE = 30, 10  # weeks
MONTH, HALF_YEAR = 4, 24
FRAMES = 8  # of a chart that grows
Units = NDArray[np.float64]


def windows(length: int, starts: tuple[int, ...]) -> Iterator[tuple[str, Units]]:
    """(article, units) of every article's weeks behind each start."""
    for one in weekly_sales():
        for start in starts:
            yield one.id.split("/")[-1], one.values[start : start + length]


def week_to_half_year(folder: Path) -> None:
    """The first week's units → the half-year that follows it.

    Chosen over stores' demographics (orangeJuice, 83 stores): too few, and not to be shown.
    """
    found = windows(1 + HALF_YEAR, (0, 9, 18, 27))
    write_lines(folder, [Line(int(units[0]), units[1:].tolist(), article) for article, units in found])


def history_to_month(folder: Path) -> None:
    found = windows(HISTORY + MONTH, (0, 6, 12, 18))
    lines = [Line(units[:HISTORY].tolist(), int(units[HISTORY:].sum()), article) for article, units in found]
    write_lines(folder, lines)


def history_to_future(folder: Path) -> None:
    found = windows(HISTORY + FUTURE, (0, 4, 8, 12))
    lines = [Line(units[:HISTORY].tolist(), units[HISTORY:].tolist(), article) for article, units in found]
    write_lines(folder, lines)


def charted(starts: tuple[int, ...] = (0, 14, 28)) -> list[tuple[str, Units]]:
    """Half-years that fit a chart's scale and are more than a few units."""
    found = windows(HALF_YEAR, starts)
    return [(article, units) for article, units in found if charts.HIGHEST >= units.max() >= charts.HIGHEST / 10]


def series_to_chart(folder: Path) -> None:
    """Windows that overlap: a chart must be drawn of any heights, and 1,491 were learned by heart."""
    media = Media(folder, "target")
    rows = enumerate(charted(tuple(range(0, 29, 4))))
    lines = [Line(u.tolist(), media.picture(f"{n:04}", charts.drawn(u)), article) for n, (article, u) in rows]
    write_lines(folder, lines)


def chart_to_series(folder: Path) -> None:
    media = Media(folder, "input")
    rows = enumerate(charted())
    lines = [Line(media.picture(f"{n:04}", charts.drawn(u)), u.tolist(), article) for n, (article, u) in rows]
    write_lines(folder, lines)


def series_to_growing_chart(folder: Path) -> None:
    media = Media(folder, "target")
    rows = enumerate(charted())
    lines = [Line(u.tolist(), media.film(f"{n:04}", charts.growing(u, FRAMES)), article) for n, (article, u) in rows]
    write_lines(folder, lines)
