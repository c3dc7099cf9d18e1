"""Resamples of examples: how far a metric would move with other examples of the same kind.

Letters in shapes: N examples, R resamples.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RESAMPLES, SEED = 1_000, 0
AT_ONCE = 100  # resamples, so that the weights of 100,000 examples stay below 100 MB
EDGES = (0.025, 0.975)  # of an interval of 95%


def resamples(size: int) -> Iterator[NDArray[np.float64]]:
    """How often each of N examples is drawn, R N at a time; the same each time."""
    draw = np.random.default_rng(SEED)
    for _ in range(RESAMPLES // AT_ONCE):
        yield draw.multinomial(size, np.full(size, 1 / size), AT_ONCE).astype(np.float64)
