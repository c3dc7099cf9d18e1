"""What will sell: the forecast of every product, of a category and of the whole shop, each behind its history.

Letters in shapes: T days of a history, H of the horizon.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from walkiosk.modality.history import History, Values
from walkiosk.modality.value import QUANTILES
from walkiosk.office.desk import Office
from walkiosk.office.histories import histories_of
from walkiosk.store.demand import DailyDemand, daily_demand
from walkiosk.store.lead_time_demand import moments
from walkiosk.store.loading import loaded_fingerprint

HORIZON = 28  # days
WEEK = 7
FEWEST_DAYS = 14  # known of a product that is forecast by itself


@dataclass(frozen=True)
class Outlook:
    """What has sold of one thing, T days from `first` (NaN where nobody knows), and the H × 9 quantiles of what will.

    `sku` is None for several products together.
    """

    name: str
    category: str
    sku: str | None
    first: datetime.date
    sold: Values
    ahead: Values

    def expected(self, days: int) -> float:
        """Units of the first days of the horizon, on average: medians of days that mostly sell nothing would be 0."""
        return float(moments(self.ahead[:days], QUANTILES)[0].sum())

    @property
    def last_week(self) -> float:
        """Units of the last seven days, as far as they are known."""
        return float(np.nansum(self.sold[-WEEK:]))

    @property
    def usual_week(self) -> float:
        """Units of a week, by the mean of the last eight weeks' known days."""
        recent = self.sold[-8 * WEEK :]
        return float(np.nanmean(recent)) * WEEK if np.isfinite(recent).any() else 0.0

    @property
    def change(self) -> float:
        """By how many units the week to come differs from a usual one."""
        return self.expected(WEEK) - self.usual_week


@dataclass(frozen=True)
class Outlooks:
    """Of every product that sells enough to be forecast, best sellers first; of each category; of the whole shop."""

    items: tuple[Outlook, ...]
    categories: tuple[Outlook, ...]
    shop: Outlook | None

    def movers(self, count: int) -> tuple[Outlook, ...]:
        """Those whose week to come differs most from a usual one, in units."""
        return tuple(sorted(self.items, key=lambda each: -abs(each.change))[:count])


def outlooks(office: Office) -> Outlooks:
    """All of it, worked out once a day; in the office's thread. Raises `Untrained`."""
    return office.kept("outlooks", loaded_fingerprint(office.store.engine), lambda: _made(office))


def _made(office: Office) -> Outlooks:
    settings = office.store.settings
    found = daily_demand(office.store.engine, settings.time_zone, office.today, HORIZON)
    known = {sku: days for sku, days in found.items() if days.known_days >= FEWEST_DAYS and np.nansum(days.units) > 0}
    own = histories_of(office.store, known)
    groups = _groups(own)
    sums = [_sum([known[sku] for sku in skus], name, settings.country) for name, skus in groups]
    if len(known) > 1:
        sums.append(_sum(list(known.values()), settings.name, settings.country))
    ahead = office.forecast([*own.values(), *sums], HORIZON)
    items = [_outlook(history, sku, quantiles) for (sku, history), quantiles in zip(own.items(), ahead, strict=False)]
    together = [_outlook(history, None, quantiles) for history, quantiles in zip(sums, ahead[len(own) :], strict=True)]
    items.sort(key=lambda each: -each.expected(HORIZON))
    shop = together[-1] if len(known) > 1 else items[0] if items else None
    return Outlooks(tuple(items), tuple(together[: len(groups)]), shop)


def shop_histories(office: Office) -> list[History]:
    """Every product's days up to yesterday: what a forecaster is made at home with."""
    found = daily_demand(office.store.engine, office.store.settings.time_zone, office.today)
    known = {sku: days for sku, days in found.items() if days.known_days >= FEWEST_DAYS}
    return list(histories_of(office.store, known).values())


def _outlook(history: History, sku: str | None, ahead: Values) -> Outlook:
    return Outlook(history.name, history.category, sku, history.first, history.values, ahead)


def _groups(histories: Mapping[str, History]) -> list[tuple[str, list[str]]]:
    """Each category with its products, by name."""
    groups: dict[str, list[str]] = {}
    for sku, history in histories.items():
        groups.setdefault(history.category, []).append(sku)
    return sorted(groups.items())


def _sum(parts: Sequence[DailyDemand], name: str, country: str) -> History:
    """Several products as one, from the oldest's first day; a day that is not known of all needs a sale to be known."""
    longest = max(len(part.units) for part in parts)
    rows = np.stack([np.pad(part.units, (longest - len(part.units), 0)) for part in parts])
    units = np.where(np.isnan(rows).any(axis=0) & ~(np.nansum(rows, axis=0) > 0), np.nan, np.nansum(rows, axis=0))
    first = min(part.first for part in parts)
    return History(units, first, "D", category=name, name=name, country=country)
