"""What all six modalities share: the error for a bad value, one step of writing, the quantile levels, a scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # levels, as Chronos-Bolt's (Ansari et al., 2024)
MEDIAN = QUANTILES.index(0.5)

Floats = NDArray[np.float32]
Values = NDArray[np.float64]
Pick = Callable[[Floats], int]  # scores → the place of the one that is taken

FLAT = 1e-8  # a spread below this share of the level is rounding
TEMPERATURE = 0.9
LEAST_ODDS = 0.05  # of the likeliest choice's probability; what has less is not drawn (min-p; Nguyen et al., 2024)
NORMAL_QUARTILES = 1.349  # a normal distribution's quartiles are so many standard deviations apart


class BadValue(ValueError):
    """A value that cannot become a sequence, or a sequence that cannot become a value; the message names it."""


def is_number(cell: str) -> bool:
    """Whether what stands in a table's cell is a number, finite or not."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def largest(scores: Floats) -> int:
    return int(scores.argmax())


def drawn(seed: int, temperature: float = TEMPERATURE) -> Pick:
    """Return a way to pick that draws from the softmax of scores, its dice thrown from ``seed``."""
    dice = np.random.default_rng(seed)

    def choose(scores: Floats) -> int:
        odds = np.exp((scores - scores.max()).astype(np.float64))
        odds = np.where(odds < LEAST_ODDS, 0.0, odds ** (1 / temperature))
        reached = odds.cumsum()
        return int(np.searchsorted(reached, dice.random() * reached[-1], side="right"))

    return choose


@dataclass(frozen=True)
class Step:
    """The next element, and whether it is the last."""

    element: Any
    last: bool


@dataclass(frozen=True)
class Scale:
    """The level and the spread of numbers, in their own unit; far from the level they count by their logarithm."""

    loc: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, values: Values) -> Scale:
        """Mean and standard deviation; what is flat is on the scale of its level."""
        return cls._checked(float(values.mean()), float(values.std()))

    @classmethod
    def around(cls, values: Values) -> Scale:
        """Median and quartiles, which a few wild values do not move; else as `of`."""
        low, loc, high = (float(x) for x in np.quantile(values, (0.25, 0.5, 0.75)))
        spread = (high - low) / NORMAL_QUARTILES
        return cls(loc, spread) if spread > FLAT * abs(loc) else cls._checked(loc, float(values.std()))

    @classmethod
    def _checked(cls, loc: float, spread: float) -> Scale:
        return cls(loc, spread if spread > FLAT * abs(loc) else abs(loc) or 1.0)

    def squeeze(self, values: Values) -> Values:
        return np.arcsinh((values - self.loc) / self.scale)

    def stretch(self, squeezed: Values) -> Values:
        return np.sinh(squeezed) * self.scale + self.loc
