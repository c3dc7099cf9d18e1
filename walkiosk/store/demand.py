"""What was asked for, day by day: past sales of the folder, then the kiosk's own, in the shop's time zone.

A day is counted once, see `sale_days`: where the kiosk sold by its books, else, between the first and the last day of
sales.csv, as that file says. Days that neither knows, and days of the kiosk's on which the ledger says that nothing was
there for most of the day, are unknown and not zero. Rows of sales.csv from today on are no history yet and left out.
Letters in shapes: T days, A days ahead.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, func, select

from walkiosk.store import tables
from walkiosk.store.inventory import DROPPED
from walkiosk.store.offers import WHOLE
from walkiosk.store.sale_days import came_to_its_end, day_of, kiosk_days, midnight_ms

Values = NDArray[np.float64]
Series = dict[str, dict[int, float]]  # sku → place of a day → value
STOCK_OUT_SHARE = 0.5  # of a day without stock, from which on its sales tell little of what was asked for
LONGEST_DAYS = 1_500  # of a history; what is older is left out


@dataclass(frozen=True)
class DailyDemand:
    """One product's days from the first that is known to yesterday; T is 0 for one that has just come.

    `units` T, NaN where nobody knows. `price_cents`, what anybody pays, and `promotion` (0 or 1) reach T + A.
    """

    sku: str
    first: datetime.date
    units: Values
    price_cents: Values
    promotion: Values

    @property
    def known_days(self) -> int:
        """Days of which the units are known."""
        return int(np.count_nonzero(~np.isnan(self.units)))


@dataclass(frozen=True)
class _Calendar:
    """Days by their place: 0 is the first, `days` is today. `midnights` are in milliseconds, one more than days."""

    first: datetime.date
    days: int
    midnights: Values
    filed: NDArray[np.bool_]  # T: the days that sales.csv tells
    opened: int  # the day from which the kiosk's own books know

    def place(self, day: datetime.date) -> int:
        return (day - self.first).days

    def at(self, at_ms: int) -> int:
        return int(np.searchsorted(self.midnights, at_ms, side="right")) - 1

    def known(self) -> NDArray[np.bool_]:
        return self.filed | (np.arange(self.days) >= self.opened)


def daily_demand(
    engine: Engine, time_zone: str, today: datetime.date, ahead: int = 0, skus: Iterable[str] | None = None
) -> dict[str, DailyDemand]:
    """The days before `today` of every product of the shop, or of `skus`, with what is known of `ahead` days from then.

    Products come in the order of the file; a sku that the shop does not have is left out.
    """
    wanted = None if skus is None else set(skus)
    product = tables.product
    with engine.connect() as connection:
        listed = [
            row
            for row in connection.execute(select(product).order_by(product.c.position))
            if wanted is None or row.sku in wanted
        ]
        calendar = _calendar(connection, zoneinfo.ZoneInfo(time_zone), today)
        file_units, base, promoted = _file(connection, calendar)
        kiosk_units = _kiosk(connection, calendar, base)
        moved = _movements(connection)
        offers = connection.execute(select(tables.offer).where(tables.offer.c.tier.is_(None))).all()
    found = {}
    for row in listed:
        sku, movements = row.sku, moved.get(row.sku, [])
        starts = [*file_units.get(sku, {}), *(calendar.at(at) for at, _ in movements[:1])]
        start = min(max(min(starts, default=calendar.days), 0), calendar.days)
        units = np.where(calendar.known(), 0.0, np.nan)
        _lay(units, file_units.get(sku, {}))
        _lay(units, kiosk_units.get(sku, {}))
        if row.listed_stock is not None:
            units[_empty_days(movements, calendar)] = np.nan
        off = _offered(row, offers, calendar, ahead)
        price = np.floor(_carried(base.get(sku, {}), row.price_cents, len(off)) * (1 - off / WHOLE) + 0.5)
        promotion = np.where(off > 0, 1.0, 0.0)
        for place, paid in promoted.get(sku, {}).items():
            promotion[place] = 1
            price[place] = price[place] if paid is None else paid
        first = calendar.first + datetime.timedelta(start)
        found[sku] = DailyDemand(sku, first, units[start:], price[start:], promotion[start:])
    return found


def _calendar(connection: Connection, zone: zoneinfo.ZoneInfo, today: datetime.date) -> _Calendar:
    past, movement, sale = tables.past_sale, tables.stock_movement, tables.sale
    rows = connection.execute(select(func.min(past.c.date), func.max(past.c.date)).where(past.c.date < today)).one()
    instants = [
        connection.execute(select(func.min(column))).scalar() for column in (movement.c.at_ms, sale.c.created_ms)
    ]
    opened = min((day_of(at, zone) for at in instants if at is not None), default=today)
    first = min(day for day in (rows[0], opened, today) if day is not None)
    first = max(first, today - datetime.timedelta(LONGEST_DAYS))
    days = (today - first).days
    midnights = np.array([midnight_ms(first + datetime.timedelta(n), zone) for n in range(days + 1)], dtype=float)
    filed = np.zeros(days, dtype=bool)
    if rows[0] is not None:
        filed[max(0, (rows[0] - first).days) : max(0, (rows[1] - first).days + 1)] = True
        filed[[(day - first).days for day in kiosk_days(connection, zone, first, today) if day < today]] = False
    return _Calendar(first, days, midnights, filed, max(0, (opened - first).days))


def _file(connection: Connection, calendar: _Calendar) -> tuple[Series, Series, dict[str, dict[int, float | None]]]:
    """Units, prices without a promotion, and those with one (None where the file does not say), of sales.csv."""
    past = tables.past_sale
    units: Series = {}
    base: Series = {}
    promoted: dict[str, dict[int, float | None]] = {}
    for row in connection.execute(select(past)):
        place = calendar.place(row.date)
        if not (0 <= place < calendar.days and calendar.filed[place]):
            continue
        own = units.setdefault(row.sku, {})
        own[place] = own.get(place, 0) + row.units
        if row.promotion:
            promoted.setdefault(row.sku, {})[place] = row.price_cents
        elif row.price_cents is not None:
            base.setdefault(row.sku, {})[place] = row.price_cents
    return units, base, promoted


def _kiosk(connection: Connection, calendar: _Calendar, base: Series) -> Series:
    """Units that fell and were paid for; the shelf prices of those days go into `base`."""
    given, line, arrow = tables.dispense, tables.sale_line, tables.sale_arrow
    rows = connection.execute(
        select(given.c.sku, arrow.c.at_ms, line.c.list_cents)
        .join(line, (line.c.sale_id == given.c.sale_id) & (line.c.sku == given.c.sku))
        .join(arrow, arrow.c.sale_id == given.c.sale_id)
        .where(given.c.outcome == DROPPED, came_to_its_end("capture"))
    )
    units: Series = {}
    for sku, at_ms, list_cents in rows:
        place = calendar.at(at_ms)
        if 0 <= place < calendar.days:
            own = units.setdefault(sku, {})
            own[place] = own.get(place, 0) + 1
            base.setdefault(sku, {})[place] = list_cents
    return units


def _movements(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """When each product's stock moved, and by how much, in order."""
    own = tables.stock_movement
    found: dict[str, list[tuple[int, int]]] = {}
    for sku, at_ms, units in connection.execute(select(own.c.sku, own.c.at_ms, own.c.quantity).order_by(own.c.at_ms)):
        found.setdefault(sku, []).append((at_ms, units))
    return found


def _empty_days(movements: list[tuple[int, int]], calendar: _Calendar) -> list[int]:
    """Days that sales.csv does not tell without stock for most of the day."""
    empty = np.zeros(calendar.days)
    stock = 0
    ends = [*(at for at, _ in movements), calendar.midnights[-1]][1:] if movements else []
    for (at, units), until in zip(movements, ends, strict=True):
        stock += units
        if stock <= 0 and until > at:
            lengths = np.minimum(calendar.midnights[1:], until) - np.maximum(calendar.midnights[:-1], at)
            empty += np.maximum(lengths, 0)
    share = empty / np.diff(calendar.midnights)
    return [int(day) for day in np.flatnonzero((share > STOCK_OUT_SHARE) & ~calendar.filed)]


def _offered(
    row: Row[tuple[object, ...]], offers: Iterable[Row[tuple[object, ...]]], calendar: _Calendar, ahead: int
) -> Values:
    """Basis points off for anybody, of each day, A ahead included."""
    off = np.zeros(calendar.days + ahead)
    for offer in offers:
        if offer.sku not in (None, row.sku) or offer.category_folded not in (None, row.category_folded):
            continue
        low = 0 if offer.starts is None else max(0, calendar.place(offer.starts))
        high = len(off) if offer.ends is None else max(0, calendar.place(offer.ends) + 1)
        off[low:high] = np.maximum(off[low:high], offer.basis_points_off)
    return off


def _lay(into: Values, values: dict[int, float]) -> None:
    for place, value in values.items():
        into[place] = value


def _carried(prices: dict[int, float], now: float, length: int) -> Values:
    """The price without a promotion: each from its day on until the next, the shop's own of now before and ahead."""
    carried = np.full(length, float(now))
    places = sorted(prices)
    for place, after in zip(places, [*places[1:], *(last + 1 for last in places[-1:])], strict=True):
        carried[place:after] = prices[place]
    return carried
