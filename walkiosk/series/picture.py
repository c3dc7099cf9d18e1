"""Series and their forecasts as a picture: the past, the median, and the quantiles as a fan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from walkiosk.modality.value import MEDIAN, QUANTILES
from walkiosk.series.forecasts import Forecast

MOST = 16  # series of one picture
PAST = 4  # horizons of the past that are shown
COLUMNS = 4
PANEL = (4.2, 2.6)  # inches
PAST_COLOUR, COLOUR = "#52525b", "#2563eb"


class NoPlot(RuntimeError):
    """What draws is not installed, or cannot write this kind of file."""


def check(path: Path) -> None:
    """Raise `NoPlot` for what can be told before anything is forecast."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as error:
        raise NoPlot("--plot: matplotlib is not installed; pip install 'walkiosk[plot]'") from error
    kinds = sorted(FigureCanvasAgg.get_supported_filetypes())
    if path.suffix.lower().lstrip(".") not in kinds:
        raise NoPlot(f"--plot: {path.name!r} ends in none of {', '.join(f'.{kind}' for kind in kinds)}")


def draw(shown: Sequence[Forecast], path: Path) -> None:
    """Draw up to `MOST` series in a grid into ``path``."""
    from matplotlib.figure import Figure

    shown = shown[:MOST]
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, one in zip(panels, shown, strict=False):
        _draw_one(panel, one)
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    figure.savefig(path, dpi=120)


def _draw_one(panel: object, one: Forecast) -> None:
    from matplotlib.axes import Axes
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    assert isinstance(panel, Axes)
    length = len(one.series.history.values)
    start = max(0, length - PAST * len(one.days))
    days = np.array([one.series.grid.day(step) for step in range(start, length)], "datetime64[D]")
    ahead = np.array(one.days, "datetime64[D]")
    panel.plot(days, one.series.history.values[start:], color=PAST_COLOUR, linewidth=1)
    for low in range(MEDIAN):
        high = len(QUANTILES) - 1 - low
        bounds = one.quantiles[:, low], one.quantiles[:, high]
        panel.fill_between(ahead, *bounds, color=COLOUR, alpha=0.13, linewidth=0)
    panel.plot(ahead, one.quantiles[:, MEDIAN], color=COLOUR, linewidth=1.5)
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    panel.set_title(one.series.id, fontsize=9, parse_math=False)
    panel.tick_params(labelsize=7)
    panel.margins(x=0.01)
