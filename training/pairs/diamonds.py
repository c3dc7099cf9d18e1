"""Prices of 53,940 cut diamonds (Wickham's ggplot2; MIT, PyPI's plotnine): weight and three grades → dollars."""

from __future__ import annotations

import csv
from pathlib import Path

from training.pairs.downloads import in_wheel, pypi
from training.pairs.lines import Line, drawn, write_lines

CUTS = ("Fair", "Good", "Very Good", "Premium", "Ideal")
COLOURS = "JIHGFED"  # from the yellowest
CLARITIES = ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF")


def weight_and_grades_to_price(folder: Path, size: int = 6_000) -> None:
    """orangeJuice (GPL) has price → units, but a price alone tells little of them and the samples may not be shown.

    Stones alike in all four numbers are a group, or the nearest neighbour would be the same offer.
    """
    rows = list(csv.DictReader(in_wheel(pypi("plotnine", "0.15.9"), "plotnine/data/diamonds.csv").splitlines()))
    write_lines(folder, [line(rows[n]) for n in drawn(len(rows), size)])


def line(row: dict[str, str]) -> Line:
    """Carats, cut, colour, clarity, the grades counted from 1 for the worst; the price in dollars."""
    grades = CUTS.index(row["cut"]) + 1, COLOURS.index(row["color"]) + 1, CLARITIES.index(row["clarity"]) + 1
    told = [float(row["carat"]), *map(float, grades)]
    return Line(told, int(row["price"]), " ".join(f"{each:g}" for each in told))
