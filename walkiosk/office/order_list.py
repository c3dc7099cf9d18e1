"""What to order this morning: a proposal for every product, from its outlook, its stock and what is on its way.

A product without a history of its own is given its category's mean, else the shop's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, func, select

from walkiosk.modality.value import QUANTILES
from walkiosk.office.desk import Office
from walkiosk.office.outlook import Outlook, Outlooks, outlooks
from walkiosk.store import tables
from walkiosk.store.office_tables import stock_order
from walkiosk.store.replenishment import Forecast, Item, Proposal, Terms, propose, within_budget

RECENT_DAYS = 56  # whose mean is what rarely sold goods keep


@dataclass(frozen=True)
class OrderList:
    """Proposals in the order of the shop's file; `key` names the list: the same state of the books makes the same."""

    key: str
    terms: Terms
    budget_cents: int | None
    proposals: tuple[Proposal, ...]
    outlooks: dict[str, Outlook]  # by sku

    @property
    def to_order(self) -> tuple[Proposal, ...]:
        """Those of which something is to be ordered, what is expected to run out first in front."""
        wanted = [each for each in self.proposals if each.units]
        return tuple(sorted(wanted, key=lambda each: each.item.position / max(each.demand.mean, 0.01)))


def order_list(office: Office) -> OrderList:
    """The list as of now; in the office's thread. Raises `Untrained`."""
    settings, found = office.store.settings, outlooks(office)
    terms = Terms(settings.lead_time_days, service_level=settings.service_level)
    by_sku = {each.sku: each for each in found.items if each.sku}
    coming = office.store.orders.on_order()
    with office.store.engine.connect() as connection:
        items = _items(office, connection, coming)
        categories = {row.sku: row.category for row in connection.execute(select(tables.product))}
        key = _key(office, connection)
    forecasts = _Forecasts(found)
    proposals = [propose(item, forecasts.of(item.sku, categories[item.sku]), terms) for item in items]
    budget = settings.order_budget_cents
    return OrderList(key, terms, budget, within_budget(proposals, budget), by_sku)


class _Forecasts:
    """The forecast of each product, its own or a like one's."""

    def __init__(self, found: Outlooks) -> None:
        self._own = {each.sku: _forecast(each) for each in found.items}
        self._categories = {
            name: _mean([self._own[each.sku] for each in found.items if each.category == name], "category")
            for name in {each.category for each in found.items}
        }
        self._shop = _mean(list(self._own.values()), "shop") if self._own else None

    def of(self, sku: str, category: str) -> Forecast:
        """Its own, its category's, the shop's, or nothing."""
        nothing = Forecast(np.zeros(1), np.zeros(1), "nothing")
        return self._own.get(sku) or self._categories.get(category) or self._shop or nothing


def _forecast(outlook: Outlook) -> Forecast:
    recent = outlook.sold[-RECENT_DAYS:]
    rate = float(np.nanmean(recent)) if np.isfinite(recent).any() else 0.0
    return Forecast.of_quantiles(outlook.ahead, QUANTILES, rate)


def _mean(forecasts: Sequence[Forecast], source: str) -> Forecast:
    mean = np.mean([each.mean for each in forecasts], axis=0)
    variance = np.mean([each.variance for each in forecasts], axis=0)
    return Forecast(mean, variance, "category" if source == "category" else "shop")


def _items(office: Office, connection: Connection, coming: dict[str, int]) -> list[Item]:
    rows = connection.execute(select(tables.product).order_by(tables.product.c.position)).all()
    there = office.store.inventory.available_in(connection, [row.sku for row in rows])
    return [
        Item(
            row.sku,
            f"{row.name}, {row.size}" if row.size else row.name,
            there.get(row.sku),
            coming.get(row.sku, 0),
            pack_size=row.pack_size or 1,
            capacity=row.slot_capacity,
            shelf_life_days=row.shelf_life_days,
        )
        for row in rows
    ]


def _key(office: Office, connection: Connection) -> str:
    """What the list rests on besides stock: two people who see the same list and order it, order it once."""
    order = stock_order
    state = connection.execute(select(func.count(), func.max(order.c.updated_ms))).one()
    mark = hashlib.sha256(f"{office.today} {state[0]} {state[1]}".encode()).hexdigest()[:16]
    return f"list-{office.today}-{mark}"
