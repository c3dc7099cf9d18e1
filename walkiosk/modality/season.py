"""What the calendar says of a series' steps: the time of the year and of the month, and public holidays.

Letters in shapes: B series, T steps.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ordinals = NDArray[np.int64]  # days since 0001-01-01, as date.toordinal counts
Floats = NDArray[np.float32]

DAYS_A_YEAR = 365.2425
EPOCH = date(1970, 1, 1).toordinal()
CYCLE = {"D": 7, "W": 52, "M": 12, "Q": 4, "Y": 1}  # steps after which a season comes back
STEP_DAYS = {"D": 1, "W": 7, "M": 0, "Q": 0, "Y": 0}  # of equal length
STEP_MONTHS = {"D": 0, "W": 0, "M": 1, "Q": 3, "Y": 12}
REACH = 4.0  # days in which what a holiday does fades
FAR = 10_000_000  # days
CHANNELS = 9  # sin and cos of the year and of its half, of the month; a holiday, one ahead, one behind


class UnknownCountry(ValueError):
    """A country whose holidays nobody here knows."""


def ordinals(first: date, frequency: str, count: int) -> Ordinals:
    """Return the days on which ``count`` steps from ``first`` on begin."""
    if STEP_DAYS[frequency]:
        return first.toordinal() + STEP_DAYS[frequency] * np.arange(count)
    months = np.datetime64(first, "M") + STEP_MONTHS[frequency] * np.arange(count)
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) + EPOCH + first.day - 1)


def up_to(last: Ordinals, frequency: str, count: int) -> Ordinals:
    """B (the day on which the last step begins) → B ``count``: the days on which steps up to it begin."""
    back = np.arange(count - 1, -1, -1)
    if STEP_DAYS[frequency]:
        return np.asarray(last[:, None] - STEP_DAYS[frequency] * back)
    stamps = (last - EPOCH).astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")[:, None] - STEP_MONTHS[frequency] * back
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) + EPOCH)


def holidays_of(country: str, years: Iterable[int]) -> set[date]:
    """Return the public holidays of ``country`` (ISO 3166-1 alpha-2); raises `UnknownCountry`."""
    import holidays

    try:
        with warnings.catch_warnings(action="ignore"):  # of years that it does not know: they have none
            return set(holidays.country_holidays(country, years=years))
    except NotImplementedError as error:
        raise UnknownCountry(f"{country!r}: no calendar of public holidays for this country") from error


@lru_cache(maxsize=256)
def _free_days(country: str, first_year: int, last_year: int) -> Ordinals:
    found = sorted(day.toordinal() for day in holidays_of(country, range(first_year, last_year + 1)))
    return np.array([-FAR, *found, FAR], np.int64)  # there is always a next and a last one


def channels(days: Ordinals, frequency: str, countries: tuple[str, ...]) -> Floats:
    """B T (days) → B T `CHANNELS`; what a frequency does not have is zero. "" is no country."""
    out = np.zeros((*days.shape, CHANNELS), np.float32)
    if frequency != "Y":
        angle = 2 * np.pi * (days % DAYS_A_YEAR) / DAYS_A_YEAR
        out[..., 0], out[..., 1] = np.sin(angle), np.cos(angle)
        out[..., 2], out[..., 3] = np.sin(2 * angle), np.cos(2 * angle)
    if frequency == "D":
        stamps = (days - EPOCH).astype("datetime64[D]")
        of_month = (stamps - stamps.astype("datetime64[M]")).astype(np.int64)
        angle = 2 * np.pi * of_month / 30.44
        out[..., 4], out[..., 5] = np.sin(angle), np.cos(angle)
    if frequency in ("D", "W"):
        for country in set(countries) - {""}:
            rows = np.array([each == country for each in countries])
            out[rows, :, 6:] = _around(days[rows], country, STEP_DAYS[frequency])
    return out


def _around(days: Ordinals, country: str, step: int) -> Floats:
    """A holiday within the step, and how near the next and the last one are, 1 to 0."""
    years = (date.fromordinal(int(days.min())).year - 1, date.fromordinal(int(days.max())).year + 1)
    free = _free_days(country, *years)
    at = np.searchsorted(free, days)
    ahead, behind = free[at] - days, days - free[at - 1]
    within = (ahead >= 0) & (ahead < step)
    before = np.where(ahead > 0, np.exp(-np.maximum(ahead, 0) / REACH), 0)
    after = np.where(behind > 0, np.exp(-np.maximum(behind, 0) / REACH), 0)
    return np.stack([within, before, after], axis=-1).astype(np.float32)
