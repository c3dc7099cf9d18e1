"""Series out of long CSV files (``unique_id, ds, y``): read, checked, put on a grid of steps; never a silent drop."""

from walkiosk.series.assembly import Series
from walkiosk.series.fault import Repairs, SeriesError
from walkiosk.series.grid import Grid
from walkiosk.series.opening import SeriesFile, open_series
from walkiosk.series.rules import Rules

__all__ = ["Grid", "Repairs", "Rules", "Series", "SeriesError", "SeriesFile", "open_series"]
