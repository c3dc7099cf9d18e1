"""What to order, from the shop's facts and a forecaster: each product's own forecast, its like's where it is new.

A product of which less than four weeks are known leans on its category, the more the newer it is: on what the category
sells, shared among all of its products, at its own price (of two that earn as much, the dearer sells less often). So
what is new adds little to a category, and a catalogue full of goods that no sale is known of orders next to nothing.
Nothing is expected of what was there for a quarter of a year and not sold. Letters in shapes: H days.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Row, select

from walkiosk.modality.history import Values
from walkiosk.modality.value import QUANTILES
from walkiosk.office.histories import full_name, histories_of
from walkiosk.skill.forecasting import Forecaster
from walkiosk.store import Store, tables
from walkiosk.store.catalogue import BATCH
from walkiosk.store.demand import DailyDemand, daily_demand
from walkiosk.store.offers import WHOLE
from walkiosk.store.replenishment import Forecast, Item, Proposal, Terms, propose, within_budget
from walkiosk.store.settings import Settings

NEW_DAYS = 28  # known of a product before it stands for itself alone
OBSOLETE_DAYS = 91  # without a sale though it was there
RECENT_DAYS = 56  # whose mean is what rarely sold goods keep
FEWEST_DAYS = 14  # of a forecast, so that what is beyond repeats a whole week
PRICE_SHARES = (0.25, 4.0)  # between which a like product's price counts


def reorder(store: Store, forecaster: Forecaster, today: datetime.date) -> tuple[Proposal, ...]:
    """A proposal for every product of the shop, in the order of its file, within the shop's budget."""
    terms = terms_of(store.settings)
    horizon = max(FEWEST_DAYS, terms.protected_days + terms.cover_days)
    days = daily_demand(store.engine, store.settings.time_zone, today, horizon)
    asked = {sku: one for sku, one in days.items() if np.nansum(one.units) > 0}
    histories = histories_of(store, asked)
    quantiles = forecaster(list(histories.values()), horizon) if histories else []
    return proposals(store, days, dict(zip(asked, quantiles, strict=True)))


def proposals(store: Store, days: Mapping[str, DailyDemand], quantiles: Mapping[str, Values]) -> tuple[Proposal, ...]:
    """The same from forecasts that are there already, H × 9 by sku, of those products that ever sold."""
    terms, items = terms_of(store.settings), items_of(store)
    found = forecasts(store, days, quantiles)
    proposed = [propose(item, found[item.sku], terms) for item in items]
    return within_budget(proposed, store.settings.order_budget_cents)


def terms_of(settings: Settings) -> Terms:
    """How this shop orders."""
    return Terms(settings.lead_time_days, settings.review_days, settings.service_level, settings.cover_days)


def items_of(store: Store) -> list[Item]:
    """Every product as an order sees it, in the order of the file; the shop's margin tells its cost from its price."""
    settings, product = store.settings, tables.product
    coming = store.orders.on_order()
    with store.engine.connect() as connection:
        rows = connection.execute(select(product).order_by(product.c.position)).all()
        there: dict[str, int | None] = {}
        for start in range(0, len(rows), BATCH):
            skus = [row.sku for row in rows[start : start + BATCH]]
            there |= store.inventory.available_in(connection, skus, everywhere=True)
    return [_item(row, there.get(row.sku), coming.get(row.sku, 0), settings) for row in rows]


def _item(row: Row[tuple[object, ...]], there: int | None, coming: int, settings: Settings) -> Item:
    tax = settings.tax_basis_points if row.tax_basis_points is None else row.tax_basis_points
    net = round(row.price_cents * WHOLE / (WHOLE + tax))
    cost = round(net * (WHOLE - settings.margin_basis_points) / WHOLE)
    return Item(
        row.sku,
        full_name(row.name, row.size),
        there,
        coming,
        unit_cost_cents=cost,
        unit_margin_cents=net - cost,
        pack_size=row.pack_size or 1,
        capacity=row.slot_capacity,
        shelf_life_days=row.shelf_life_days,
    )


def forecasts(store: Store, days: Mapping[str, DailyDemand], quantiles: Mapping[str, Values]) -> dict[str, Forecast]:
    """What is expected of every product of the shop, by sku."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(tables.product)).all()
    horizon = next((len(one) for one in quantiles.values()), 1)
    own = {row.sku: _own(days.get(row.sku), quantiles.get(row.sku), horizon) for row in rows}
    known = {sku: one.known_days for sku, one in days.items()}
    nothing = Forecast(np.zeros(horizon), np.zeros(horizon), "nothing")
    groups: dict[str, list[tuple[Forecast, int]]] = {}
    for row in rows:
        there = own[row.sku] if known.get(row.sku, 0) >= NEW_DAYS else nothing
        groups.setdefault(row.category_folded, []).append((there, row.price_cents))
    return {
        row.sku: _leaning(own[row.sku], known.get(row.sku, 0), groups[row.category_folded], row.price_cents)
        for row in rows
    }


def _own(days: DailyDemand | None, quantiles: Values | None, horizon: int) -> Forecast:
    """By itself: nothing where it never sold, or not for long."""
    units = days.units[~np.isnan(days.units)] if days else np.zeros(0)
    if quantiles is None or (len(units) >= OBSOLETE_DAYS and not units[-OBSOLETE_DAYS:].any()):
        return Forecast(np.zeros(horizon), np.zeros(horizon), "history" if len(units) else "nothing")
    return Forecast.of_quantiles(quantiles, QUANTILES, float(units[-RECENT_DAYS:].mean()) if len(units) else 0.0)


def _leaning(own: Forecast, known_days: int, likes: Sequence[tuple[Forecast, int]], price_cents: int) -> Forecast:
    """A newcomer's own forecast and the mean of its category at its price, each by what is known of the newcomer."""
    if known_days >= NEW_DAYS or not any(like.mean.any() for like, _ in likes):
        return own
    shares = [float(np.clip(price / max(price_cents, 1), *PRICE_SHARES)) for _, price in likes]
    means = np.array([share * like.mean for share, (like, _) in zip(shares, likes, strict=True)])
    within = [
        share * like.mean + share**2 * np.maximum(like.variance - like.mean, 0)
        for share, (like, _) in zip(shares, likes, strict=True)
    ]
    variance = np.mean(within, axis=0) + means.var(axis=0)  # of a like one's days, and from one to another
    weight = known_days / NEW_DAYS
    return Forecast(
        weight * own.mean + (1 - weight) * means.mean(axis=0),
        weight * own.variance + (1 - weight) * variance,
        "category",
    )
