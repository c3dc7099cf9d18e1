"""Charts drawn with numpy: one bar a value on a fixed scale, so that a picture tells units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.pairs.lines import Pixels

SIDE = 64  # pixels
HIGHEST = 60  # units that fill the chart
GROUND = 4  # pixels below the bars
LINES = (20, 40)  # units at which a line runs across
WHITE, GREY, INK = (255, 255, 255), (204, 204, 204), (0, 51, 153)


def drawn(values: NDArray[np.float64], shown: int | None = None) -> Pixels:
    """A bar chart, 64 × 64 × 3; of the values only the first ``shown``, each at the place that it has among all."""
    canvas = np.full((SIDE, SIDE, 3), WHITE, np.uint8)
    for units in LINES:
        canvas[SIDE - GROUND - height(units)] = GREY
    edges = np.linspace(0, SIDE, len(values) + 1).astype(int)
    for left, right, value in list(zip(edges[:-1], edges[1:], values, strict=True))[:shown]:
        canvas[SIDE - GROUND - height(value) : SIDE - GROUND, left:right] = INK
    canvas[SIDE - GROUND] = 0
    return canvas


def growing(values: NDArray[np.float64], frames: int) -> Pixels:
    """N × 64 × 64 × 3: the chart with ever more of its bars, all of them in the last frame."""
    return np.stack([drawn(values, round(len(values) * (n + 1) / frames)) for n in range(frames)])


def height(value: float) -> int:
    """Pixels of so many units; what is higher than the chart ends with it."""
    return round(min(max(value, 0.0), HIGHEST) * (SIDE - GROUND) / HIGHEST)
