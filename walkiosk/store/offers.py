"""The customer's own deal.

The rule: an offer counts for a product when every column that it fills agrees: its sku, its category, its tier (that of
the customer; a stranger has none), and its first and last day, both included, in the shop's time zone. Of the offers
that count the one with most percent off wins; offers are never added up. What is paid is rounded to the nearest cent,
half a cent upwards.
"""

import datetime
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, or_, select

from walkiosk.store import tables
from walkiosk.store.catalogue import Product
from walkiosk.store.customers import Customer, now_ms
from walkiosk.store.folding import fold

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Deal:
    """What one unit costs this customer today; `basis_points_off` is 0 without an offer."""

    list_cents: int
    pay_cents: int
    basis_points_off: int = 0
    tier: str | None = None
    ends: datetime.date | None = None

    @property
    def saved_cents(self) -> int:
        """What the offer takes off."""
        return self.list_cents - self.pay_cents


def discounted(list_cents: int, basis_points_off: int) -> int:
    """The price after an offer, in cents."""
    return (list_cents * (WHOLE - basis_points_off) * 2 + WHOLE) // (WHOLE * 2)


class Offers:
    """Finds deals; `time_zone` is the shop's, `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, time_zone: str = "UTC", clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.zone = zoneinfo.ZoneInfo(time_zone)
        self.clock = clock

    def today(self) -> datetime.date:
        """The day in the shop."""
        return datetime.datetime.fromtimestamp(self.clock() / 1000, self.zone).date()

    def deal(self, product: Product, customer: Customer | None = None) -> Deal:
        """The best deal of today for this customer, or for anybody."""
        with self.engine.connect() as connection:
            return self.deal_in(connection, product, customer.tier if customer else None)

    def deal_in(self, connection: Connection, product: Product, tier: str | None) -> Deal:
        """The same within a transaction."""
        offer, today = tables.offer, self.today()
        counting = (
            select(offer)
            .where(or_(offer.c.sku.is_(None), offer.c.sku == product.sku))
            .where(or_(offer.c.category_folded.is_(None), offer.c.category_folded == fold(product.category)))
            .where(or_(offer.c.tier.is_(None), offer.c.tier == tier))
            .where(or_(offer.c.starts.is_(None), offer.c.starts <= today))
            .where(or_(offer.c.ends.is_(None), offer.c.ends >= today))
            .order_by(offer.c.basis_points_off.desc(), offer.c.id)
            .limit(1)
        )
        best = connection.execute(counting).one_or_none()
        if best is None:
            return Deal(product.price_cents, product.price_cents)
        pay = discounted(product.price_cents, best.basis_points_off)
        return Deal(product.price_cents, pay, best.basis_points_off, best.tier, best.ends)
