"""What will sell: the forecast of every product, of a category and of the whole shop, each behind its history.

Letters in shapes: T days of a history, H of the horizon.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from walkiosk.modality.history import History, Values
from walkiosk.modality.season import UnknownCountry, holidays_of
from walkiosk.modality.value import QUANTILES
from walkiosk.office.desk import Office
from walkiosk.store.catalogue import Product
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
    settings, today = office.store.settings, office.today
    products = {product.sku: product for product in office.store.catalogue.all(settings.languages[0])}
    found = daily_demand(office.store.engine, settings.time_zone, today, HORIZON)
    known = {sku: days for sku, days in found.items() if days.known_days >= FEWEST_DAYS and np.nansum(days.units) > 0}
    country = _with_holidays(settings.country, today)
    histories = [_history(known[sku], products[sku], country) for sku in known]
    groups = _groups([products[sku] for sku in known])
    sums = [_sum([known[sku] for sku in skus], name, country) for name, skus in groups]
    if len(known) > 1:
        sums.append(_sum(list(known.values()), settings.name, country))
    ahead = office.forecast([*histories, *sums], HORIZON)
    items = [
        Outlook(_full_name(products[sku]), products[sku].category, sku, history.first, history.values, quantiles)
        for sku, history, quantiles in zip(known, histories, ahead, strict=False)
    ]
    together = [
        Outlook(history.name, history.category, None, history.first, history.values, quantiles)
        for history, quantiles in zip(sums, ahead[len(histories) :], strict=True)
    ]
    categories = together[: len(groups)]
    items.sort(key=lambda each: -each.expected(HORIZON))
    shop = together[-1] if len(known) > 1 else items[0] if items else None
    return Outlooks(tuple(items), tuple(categories), shop)


def shop_histories(office: Office) -> list[History]:
    """Every product's days up to yesterday: what a forecaster is made at home with."""
    settings, today = office.store.settings, office.today
    products = {product.sku: product for product in office.store.catalogue.all(settings.languages[0])}
    found = daily_demand(office.store.engine, settings.time_zone, today)
    country = _with_holidays(settings.country, today)
    return [_history(days, products[sku], country) for sku, days in found.items() if days.known_days >= FEWEST_DAYS]


def _with_holidays(country: str, today: datetime.date) -> str:
    """The country, or none where nobody here knows its holidays."""
    try:
        if country:
            holidays_of(country, (today.year,))
    except UnknownCountry:
        return ""
    return country


def _full_name(product: Product) -> str:
    return f"{product.name}, {product.size}" if product.size else product.name


def _groups(products: Sequence[Product]) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for product in products:
        groups.setdefault(product.category, []).append(product.sku)
    return sorted(groups.items())


def _history(days: DailyDemand, product: Product, country: str) -> History:
    name, category = _full_name(product), product.category
    price, promotion = days.price_cents, days.promotion
    return History(days.units, days.first, "D", price, promotion, category=category, name=name, country=country)


def _sum(parts: Sequence[DailyDemand], name: str, country: str) -> History:
    """Several products as one, from the first day of the oldest; a day that is known of none is not known."""
    longest = max(len(part.units) for part in parts)
    rows = np.stack([np.pad(part.units, (longest - len(part.units), 0)) for part in parts])
    units = np.where(np.isnan(rows).any(axis=0) & ~(np.nansum(rows, axis=0) > 0), np.nan, np.nansum(rows, axis=0))
    first = min(part.first for part in parts)
    return History(units, first, "D", category=name, name=name, country=country)
