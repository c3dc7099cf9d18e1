"""forecasting: the history of a series, what is known ahead, and facts of its item → quantiles of the days to come.

Letters in shapes: T steps of a history, H of a horizon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
FREQUENCIES = ("D", "W", "M", "Q", "Y")  # days, weeks, months, quarters, years


@dataclass(frozen=True)
class History:
    """One series up to now. ``values`` T, NaN where nobody knows; ``first`` is the date of the first of them.

    What is known ahead reaches T + H steps where it is given: ``price`` (any unit; what counts is that over its usual)
    and ``promotion`` (0 to 1). ``category`` and ``name`` are the item's, in any language.
    """

    values: Values
    first: date
    frequency: str = "D"
    price: Values | None = None
    promotion: Values | None = None
    category: str = ""
    name: str = ""


Forecaster = Callable[[Sequence[History], int], list[Values]]  # histories and horizon → H × 9 each, levels of `QUANTILES`
