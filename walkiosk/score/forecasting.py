"""forecasting by cutting the end off a series, window by window, and forecasting it from what stands before.

WAPE: what the medians are wrong by, of all that came; MASE: what they are wrong by in units of what the season before
is wrong by within the window's past, the mean over series and windows (Hyndman and Koehler, 2006); wQL: the pinball
loss of the nine quantiles, doubled, of all that came; coverage: the part of what came between the lowest quantile and
the highest, 0.8 when they are right. Steps that nobody knows count nowhere.

Letters in shapes: T steps of a past, H of a horizon, N series.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from walkiosk.modality.value import MEDIAN, QUANTILES
from walkiosk.score.data import SAMPLE_SEED, DataError, Row
from walkiosk.score.summary import Judged, Measure, ratio
from walkiosk.series.fault import SeriesError
from walkiosk.series.opening import open_series
from walkiosk.series.rules import Rules
from walkiosk.skill.forecasting import Forecaster, History, Values

MEASURES = (
    Measure("WAPE", ratio(0, 1)),
    Measure("MASE", ratio(2, 3)),
    Measure("wQL", ratio(4, 1)),
    Measure("coverage 10-90", ratio(5, 6)),
)


@dataclass(frozen=True)
class Backtest:
    """``windows`` of ``horizon`` steps each, one behind the other, the last ends where the series ends."""

    horizon: int = 28
    windows: int = 4
    season: int = 7  # steps back to what MASE scales by
    country: str = ""  # whose public holidays are known

    @property
    def shortest(self) -> int:
        """Steps a series must have, so that the first window's past has a season and a step."""
        return self.windows * self.horizon + self.season + 1

    def cuts(self, length: int) -> Iterator[int]:
        """Where the windows of a series begin, the oldest first."""
        return iter(range(length - self.windows * self.horizon, length, self.horizon))


def counts(actual: Values, quantiles: Values, past: Values, season: int) -> tuple[float, ...]:
    """What one window (H, H 9, T) adds to the measures, see `MEASURES`; a past that never changes has no MASE."""
    known = ~np.isnan(actual)
    came, told = actual[known], quantiles[known]
    wrong = np.abs(told[:, MEDIAN] - came)
    apart = came[:, None] - told
    pinball = 2 * np.maximum(apart * QUANTILES, apart * (np.array(QUANTILES) - 1)).mean(axis=1)
    inside = (told[:, 0] <= came) & (came <= told[:, -1])
    steps = np.abs(past[season:] - past[:-season])
    scale = float(np.nanmean(steps)) if not np.isnan(steps).all() else 0.0
    scaled = (float(wrong.mean()) / scale, 1.0) if scale > 0 and known.any() else (0.0, 0.0)
    return (wrong.sum(), np.abs(came).sum(), *scaled, pinball.sum(), inside.sum(), float(known.sum()))


USUAL = Backtest()


def read_series(data: Path, backtest: Backtest, limit: int | None = None) -> list[Row]:
    """Each series of a long CSV that is long enough for ``backtest``, or ``limit`` of them; raises `DataError`."""
    try:
        with open_series(data, Rules(gaps="unknown", negative="keep", country=backtest.country)) as opened:
            found = [one for block in opened.blocks() for one in block]
    except SeriesError as error:
        raise DataError(str(error)) from error
    rows = [Row({"series": one.history, "unique_id": one.id, "backtest": backtest}, data, one.line) for one in found]
    for row in rows:
        length = len(row.fields["series"].values)
        if length < backtest.shortest:
            reason = f"{length} steps; {backtest.windows} windows of {backtest.horizon} want {backtest.shortest}"
            raise row.fault("ds", f"series {row.fields['unique_id']!r} is too short: {reason}")
    if limit is not None and limit < len(rows):
        rows = sorted(random.Random(SAMPLE_SEED).sample(rows, limit), key=lambda row: row.line)
    return rows


def judge(rows: Sequence[Row], forecast: Forecaster) -> list[Judged]:
    """Counts of each row's ``series``, a `History`, over its windows; grouped by frequency where there are several."""
    histories: list[History] = [row.fields["series"] for row in rows]
    backtest: Backtest = rows[0].fields["backtest"]
    found = np.zeros((len(rows), 7))
    for window in range(backtest.windows):
        cuts = [list(backtest.cuts(len(history.values)))[window] for history in histories]
        pasts = [one.until(cut, backtest.horizon) for one, cut in zip(histories, cuts, strict=True)]
        for number, quantiles in enumerate(forecast(pasts, backtest.horizon)):
            actual = histories[number].values[cuts[number] : cuts[number] + backtest.horizon]
            found[number] += counts(actual, quantiles, pasts[number].values, backtest.season)
    several = len({history.frequency for history in histories}) > 1
    groups = [(history.frequency,) if several else () for history in histories]
    return [Judged(tuple(row), group) for row, group in zip(found, groups, strict=True)]
