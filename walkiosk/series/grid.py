"""Which days a series has steps on: its frequency, read from its dates, and the days that follow.

Days are counted from 0001-01-01, as date.toordinal counts. Letters in shapes: N rows of a series.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
EPOCH = date(1970, 1, 1).toordinal()
MONTHS = {"M": 1, "Q": 3, "Y": 12}  # a step
NAMES = {"D": "daily", "W": "weekly", "M": "monthly", "Q": "quarterly", "Y": "yearly"}
APART = {"W": (7, 7), "M": (28, 31), "Q": (89, 92), "Y": (365, 366)}  # days between two steps
SURE = 9  # gaps between rows from which a frequency can be told for certain
MOST = 0.6  # of the gaps: one frequency, from which the others stray
RUN = 5  # gaps alike in a row, in two lengths: two frequencies in one series


class Mixed(ValueError):
    """Rows of more than one frequency in a series; ``row`` is the first that strays, ``usual`` what the others are."""

    def __init__(self, row: int, usual: str) -> None:
        super().__init__(f"row {row} is not {NAMES[usual]}")
        self.row, self.usual = row, usual


@dataclass(frozen=True)
class Grid:
    """The steps of one series: step 0 is on ``first``; months may be told by their last day."""

    frequency: str
    first: date
    month_ends: bool = False

    @classmethod
    def of(cls, days: Days, frequency: str) -> Grid:
        """The grid that starts on the first of ``days`` (N, sorted)."""
        return cls(frequency, date.fromordinal(int(days[0])), frequency in MONTHS and bool(_month_ends(days).all()))

    def steps(self, days: Days) -> Days:
        """On which step each day is, N; a day between two steps belongs to the one before."""
        if self.frequency in MONTHS:
            apart = _month(days) - (self.first.year * 12 + self.first.month - 1)
            return np.asarray(apart // MONTHS[self.frequency])
        return np.asarray((days - self.first.toordinal()) // (7 if self.frequency == "W" else 1))

    def day(self, step: int) -> date:
        """The day of a step."""
        if self.frequency not in MONTHS:
            return self.first + timedelta(step * (7 if self.frequency == "W" else 1))
        months = self.first.year * 12 + self.first.month - 1 + step * MONTHS[self.frequency]
        year, month = months // 12, months % 12 + 1
        last = calendar.monthrange(year, month)[1]
        return date(year, month, last if self.month_ends else min(self.first.day, last))

    @property
    def period(self) -> date:
        """Where the first step's day, week, month, quarter or year begins."""
        return self.first.replace(day=1) if self.frequency in MONTHS else self.first


def infer(days: Days) -> tuple[str | None, bool]:
    """Read a frequency from ``days`` (N, each later than the one before), and whether they are enough to be certain.

    Raises `Mixed` where most rows have one frequency and some stray from it, or where one gives way to another.
    """
    apart = np.diff(days)
    sure = len(apart) >= SURE
    if len(apart) < 2:
        return None, False
    if (months := _monthly(days, apart)) is not None:
        return months, sure
    if not (apart % 7).any():
        return "W", sure
    if sure:
        _refuse_mixed(days, apart)
    return "D", sure


def _monthly(days: Days, apart: Days) -> str | None:
    of_month = days - _first_of_month(days)
    if int(apart.min()) < APART["M"][0] or not ((of_month == of_month[0]).all() or _month_ends(days).all()):
        return None
    months = int(np.gcd.reduce(np.diff(_month(days))))
    return "Y" if months % 12 == 0 else "Q" if months % 3 == 0 else "M"


def _refuse_mixed(days: Days, apart: Days) -> None:
    for name, (low, high) in APART.items():
        alike = (low <= apart) & (apart <= high)
        if alike.mean() >= MOST:
            raise Mixed(_stray(days, name), name)
    runs = list(_runs(apart))
    for before, now in pairwise(runs):
        if before[1] != now[1]:
            raise Mixed(now[0] + 1, before[1])


def _runs(apart: Days) -> Iterator[tuple[int, str]]:
    """Where five gaps alike begin, and what frequency they are of."""
    kinds = np.full(len(apart), "?")
    for name, (low, high) in (("D", (1, 1)), *APART.items()):
        kinds[(low <= apart) & (apart <= high)] = name
    starts = np.flatnonzero(np.r_[True, kinds[1:] != kinds[:-1]])
    for start, end in zip(starts, np.r_[starts[1:], len(kinds)], strict=True):
        if end - start >= RUN and kinds[start] != "?":
            yield int(start), str(kinds[start])


def _stray(days: Days, frequency: str) -> int:
    """The first row that is on another weekday, or another day of the month, than most are."""
    places = (days + 6) % 7 if frequency == "W" else days - _first_of_month(days)
    usual = np.bincount(places).argmax()
    return int(np.flatnonzero(places != usual)[0])


def _stamps(days: Days) -> NDArray[np.datetime64]:
    return (days - EPOCH).astype("datetime64[D]")


def _month(days: Days) -> Days:
    """Months since the year 0."""
    return np.asarray(_stamps(days).astype("datetime64[M]").astype(np.int64) + 1970 * 12)


def _first_of_month(days: Days) -> Days:
    return np.asarray(_stamps(days).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + EPOCH)


def _month_ends(days: Days) -> NDArray[np.bool_]:
    return np.asarray(_first_of_month(days + 1) == days + 1)
