"""Demand over the days until the next order can be there: from quantiles of each day to the distribution of their sum.

Letters in shapes: H days of a forecast, K levels of its quantiles, any leading axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
NORMAL = NormalDist()
DAY_CORRELATION = 0.05  # between the errors of two days: a level that is missed today is missed tomorrow; see the bench
WEEK = 7  # days; beyond its horizon a forecast repeats its last week
LARGEST_COUNT = 1_000  # units up to which a sum is laid out unit by unit; above, gamma's curve is as good
FEWEST = 10.0  # units below which sales are counts, and vary no less than chance does
REACH = 14.0  # standard deviations to which counts are laid out: their tails are longer than the normal's
NORMAL_TAIL = (0.3694, 0.2395)  # beyond the normal's 0.9: mean excess and its square, in steps from the median to 0.9
EXPONENTIAL_TAIL = (0.6213, 0.7721)  # the same of the exponential distribution, whose skew is 2
EXPONENTIAL_LEAN = 2.738  # its step from the median to 0.9 over that from 0.1 to the median; the normal's is 1


@dataclass(frozen=True)
class Demand:
    """A sum of days by its moments, in units and units².

    It is a negative binomial where it varies more than chance (a Poisson where just as much), which holds many days
    without a sale as well; a large or very steady sum is a gamma, by the cube root of Wilson and Hilferty (1931).
    """

    mean: float
    variance: float

    @property
    def deviation(self) -> float:
        """Standard deviation in units."""
        return math.sqrt(self.variance)

    @property
    def counted(self) -> bool:
        """Whether it is laid out unit by unit."""
        return self.mean <= LARGEST_COUNT and (self.variance >= self.mean or self.mean < FEWEST)

    @cached_property
    def chances(self) -> Values:
        """Of 0, 1, 2 … units, up to where nothing is left; of a counted sum only."""
        if self.mean <= 0:
            return np.ones(1)
        most = math.ceil(self.mean + REACH * math.sqrt(max(self.variance, self.mean))) + 10
        units = np.arange(1, most + 1, dtype=float)
        spread = self.variance - self.mean
        if spread <= 1e-9 * self.mean:
            first, steps = -self.mean, np.log(self.mean / units)
        else:
            size, none = self.mean**2 / spread, self.mean / self.variance
            first, steps = size * math.log(none), np.log((units - 1 + size) / units * (1 - none))
        chances: Values = np.exp(np.concatenate([[first], first + np.cumsum(steps)]))
        return chances

    @cached_property
    def _cumulated(self) -> Values:
        return np.cumsum(self.chances)

    def quantile(self, level: float) -> int:
        """The fewest units that are enough with a chance of `level`, above 0 and below 1."""
        if self.mean <= 0:
            return 0
        if self.counted:
            return int(np.searchsorted(self._cumulated, level - 1e-12))
        return math.ceil(float(self._curve(np.array([NORMAL.inv_cdf(level)]))[0]) - 1e-9)

    def short(self, stock: float) -> float:
        """Units expected to be asked for in vain when `stock` are there: the loss function."""
        if self.mean <= 0:
            return 0.0
        if self.counted:
            return float(np.maximum(np.arange(len(self.chances)) - stock, 0) @ self.chances)
        return float(np.mean(np.maximum(self._curve(_middles()) - stock, 0)))

    def _curve(self, normals: Values) -> Values:
        """Gamma's quantiles at those of the normal."""
        ninth = self.variance / (9 * self.mean**2)
        curve: Values = self.mean * np.maximum(1 - ninth + normals * math.sqrt(ninth), 0) ** 3
        return curve


@cache
def _middles(parts: int = 2_000) -> Values:
    """The normal's quantiles in the middle of equal parts."""
    return np.array([NORMAL.inv_cdf((part + 0.5) / parts) for part in range(parts)])


def moments(quantiles: Values, levels: Sequence[float]) -> tuple[Values, Values]:
    """Mean and variance of each day from its quantiles … × H × K, … × H both.

    Straight between the levels. Beyond the last one a tail as long as the normal's or the exponential's, as the middle
    leans; before the first one the normal's, but not below nothing. Raises `ValueError` unless the levels rise evenly
    through the median and are as many as the quantiles.
    """
    if len(levels) != quantiles.shape[-1] or len(levels) < 3 or not np.allclose(np.diff(levels), levels[0]):
        raise ValueError(
            f"{quantiles.shape[-1]} quantiles at the levels {tuple(levels)}: evenly rising levels expected"
        )
    rising = np.sort(np.maximum(quantiles, 0), axis=-1)
    low, high, middle = rising[..., 0], rising[..., -1], rising[..., len(levels) // 2]
    up, down = high - middle, middle - low
    lean = np.where(down > 0, up / np.maximum(down, 1e-12), np.where(up > 0, EXPONENTIAL_LEAN, 1.0))
    share = np.clip((lean - 1) / (EXPONENTIAL_LEAN - 1), 0, 1)
    excess, square = ((1 - share) * n + share * e for n, e in zip(NORMAL_TAIL, EXPONENTIAL_TAIL, strict=True))
    last = high + excess * up
    last_square = high**2 + 2 * high * excess * up + square * up**2
    first = low - np.minimum(NORMAL_TAIL[0] * down, low / 2)
    first_square = np.minimum(first**2 + (NORMAL_TAIL[1] - NORMAL_TAIL[0] ** 2) * down**2, first * low)
    a, b = rising[..., :-1], rising[..., 1:]
    step = levels[0]
    mean = step * ((a + b).sum(-1) / 2 + first + last)
    squares = step * ((a * a + a * b + b * b).sum(-1) / 3 + first_square + last_square)
    variance = np.maximum(squares - mean**2, 0)
    return mean, np.where(mean < FEWEST, np.maximum(variance, mean), variance)


def at_least(mean: Values, variance: Values, top: Values, rate: float) -> tuple[Values, Values]:
    """The moments of days (H each) of which the forecast knows only that most sell nothing.

    Where not even the highest quantile, `top`, reaches a unit, quantiles cannot tell one sale a month from none; such
    days sell `rate` units on average, as lately, if that is more.
    """
    unknown = (top < 1) & (mean < rate)
    return np.where(unknown, rate, mean), np.where(unknown, np.maximum(variance, rate), variance)


def over_days(mean: Values, variance: Values, first: int, days: int, correlation: float = DAY_CORRELATION) -> Demand:
    """The sum of `days` days from `first` (0 is the forecast's first day); what is asked beyond H repeats its end."""
    horizon = len(mean)
    cycle = WEEK if horizon >= WEEK else 1
    wanted = np.arange(first, first + days)
    place = np.where(wanted < horizon, wanted, horizon - cycle + (wanted - horizon) % cycle)
    deviations = np.sqrt(variance[place])
    own = float(variance[place].sum())
    shared = float(deviations.sum() ** 2) - own
    return Demand(float(mean[place].sum()), own + correlation * shared)
