"""The customer's own deal.

The rules:

1. An offer counts for a product when every column that it fills agrees: its sku, its category, its tier (that of the
   customer; a stranger has none), and its first and last day, both included, in the shop's time zone.
2. Of the offers that count and do not combine, the one with most percent off is taken.
3. Those that count and combine (`combines` is yes) are then taken off what is left, one after the other: 10 % and 20 %
   make 28 %, never 30 %.
4. Together they take off no more than `most_percent_off` of store.toml (half, where it says nothing); an offer that
   alone takes off more than that is taken alone.
5. Percents are rounded down to hundredths, what is paid to the nearest cent, half a cent upwards.
"""

import datetime
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, Engine, or_, select

from walkiosk.store import tables
from walkiosk.store.catalogue import Product
from walkiosk.store.customers import Customer, now_ms
from walkiosk.store.folding import fold

WHOLE = 10_000  # basis points
MOST_OFF = 5_000  # that offers together take off, unless store.toml says otherwise


@dataclass(frozen=True, slots=True)
class Deal:
    """What one unit costs this customer today; `basis_points_off` is 0 without an offer."""

    list_cents: int
    pay_cents: int
    basis_points_off: int = 0
    tier: str | None = None  # that an offer taken was for
    ends: datetime.date | None = None  # the first of the offers taken to end

    @property
    def saved_cents(self) -> int:
        """What the offer takes off."""
        return self.list_cents - self.pay_cents


def discounted(list_cents: int, basis_points_off: int) -> int:
    """The price after an offer, in cents."""
    return (list_cents * (WHOLE - basis_points_off) * 2 + WHOLE) // (WHOLE * 2)


def combined(offs: Iterable[int]) -> int:
    """Basis points off when each is taken off what the ones before left, rounded down."""
    left = Fraction(1)
    for off in offs:
        left *= Fraction(WHOLE - off, WHOLE)
    return int((1 - left) * WHOLE)


class Offers:
    """Finds deals; `time_zone` is the shop's, `clock` gives milliseconds since 1970, `most_off` is in basis points."""

    def __init__(
        self, engine: Engine, time_zone: str = "UTC", clock: Callable[[], int] = now_ms, most_off: int = MOST_OFF
    ) -> None:
        self.engine = engine
        self.most_off = most_off
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
        )
        rows = connection.execute(counting).all()
        if not rows:
            return Deal(product.price_cents, product.price_cents)
        alone = [row for row in rows if not row.combines][:1]
        taken = [*alone, *(row for row in rows if row.combines)]
        off = min(combined(row.basis_points_off for row in taken), self.most_off)
        if rows[0].basis_points_off >= off:  # one alone is as good, or the shop's limit lets no more be taken
            taken, off = [rows[0]], rows[0].basis_points_off
        tier = next((row.tier for row in taken if row.tier is not None), None)
        ends = min((row.ends for row in taken if row.ends is not None), default=None)
        return Deal(product.price_cents, discounted(product.price_cents, off), off, tier, ends)
