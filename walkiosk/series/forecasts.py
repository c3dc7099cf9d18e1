"""A file of series → the forecast of each, block by block; an article nobody has sold yet is forecast as its category.

Letters in shapes: H steps of a horizon, Q quantiles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from walkiosk.series.assembly import Series
from walkiosk.series.opening import SeriesFile
from walkiosk.series.spread import Spread
from walkiosk.skill.forecasting import History, Values

A_CALL = 250  # series that are forecast together


@dataclass(frozen=True)
class Forecast:
    """What is to come of one series: ``quantiles`` H Q on ``days`` H."""

    series: Series
    days: list[date]
    quantiles: Values


class Shelfmates(NamedTuple):
    """Whose forecasts are averaged: one category, one frequency, one first day."""

    category: str
    frequency: str
    first: date


@dataclass
class Newcomers:
    """Series without a value, which wait until all others are forecast."""

    horizon: int
    waiting: list[Series] = field(default_factory=list)
    sums: dict[Shelfmates, tuple[Values, int]] = field(default_factory=dict)

    def learn(self, forecasts: Sequence[Forecast]) -> None:
        """Add forecasts to their category's mean."""
        for one in forecasts:
            if one.series.history.category:
                total, count = self.sums.get(_mates(one.series), (np.zeros_like(one.quantiles), 0))
                self.sums[_mates(one.series)] = (total + one.quantiles, count + 1)

    def forecasts(self, file: SeriesFile) -> Iterator[Forecast]:
        """Each as the mean of its category; those that have no category with others are noted, not forecast."""
        for series in self.waiting:
            total, count = self.sums.get(_mates(series), (np.zeros(0), 0))
            if count:
                file.repairs.add(
                    "{count} series without a value, forecast as their category", 1, series.line, series.id
                )
                yield Forecast(series, series.ahead(self.horizon), total / count)
            else:
                what = "{count} series without a value and without others of their category: nothing is forecast"
                file.repairs.add(what, 1, series.line, series.id)


def forecasts(file: SeriesFile, horizon: int, spread: Spread) -> Iterator[list[Forecast]]:
    """The forecasts of all series, in the order of their first rows, newcomers last; raises `SeriesError`."""
    newcomers = Newcomers(horizon)
    under_way: deque[list[Series]] = deque()

    def handed() -> Iterator[list[History]]:
        for block in file.blocks(horizon):
            newcomers.waiting += [one for one in block if not len(one.history.values)]
            known = [one for one in block if len(one.history.values)]
            for start in range(0, len(known), A_CALL):
                under_way.append(known[start : start + A_CALL])
                yield [one.history for one in under_way[-1]]

    for found in spread(handed(), horizon):
        block = under_way.popleft()
        made = [Forecast(one, one.ahead(horizon), quantiles) for one, quantiles in zip(block, found, strict=True)]
        newcomers.learn(made)
        yield made
    last = list(newcomers.forecasts(file))
    if last:
        yield last


def _mates(series: Series) -> Shelfmates:
    history = series.history
    return Shelfmates(history.category, history.frequency, series.grid.day(len(history.values)))
