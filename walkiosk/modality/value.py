"""What all six modalities share: the error for a bad value, one step of writing, and the quantile levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # levels, as Chronos-Bolt's (Ansari et al., 2024)
MEDIAN = QUANTILES.index(0.5)

Floats = NDArray[np.float32]


class BadValue(ValueError):
    """A value that cannot become a sequence, or a sequence that cannot become a value; the message names it."""


@dataclass(frozen=True)
class Step:
    """The next element, and whether it is the last."""

    element: Any
    last: bool
