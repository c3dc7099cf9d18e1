"""What was sold: units, takings and refunds by day, item, category, language and hour, in the shop's time zone.

A sale counts when its money was taken, a refund when it was given back, spread over its sale's goods by their price.
Days on which the kiosk sold nothing come from sales.csv, see `store.sale_days`.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from walkiosk.office.digest_value import Period
from walkiosk.store import Store, tables
from walkiosk.store.inventory import DROPPED
from walkiosk.store.office_tables import sale_language
from walkiosk.store.sale_days import came_to_its_end, kiosk_days, midnight_ms

UNKNOWN = ""  # the key of what nobody knows: the hour and the language of sales of sales.csv
HOURS = tuple(f"{hour:02}" for hour in range(24))


@dataclass(frozen=True, slots=True)
class Figures:
    """Units that were given out, what was taken for them, and what was given back; cents."""

    units: int = 0
    takings_cents: int = 0
    refunds_cents: int = 0

    @property
    def net_cents(self) -> int:
        """What stays in the shop."""
        return self.takings_cents - self.refunds_cents

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.units + other.units,
            self.takings_cents + other.takings_cents,
            self.refunds_cents + other.refunds_cents,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one day (ISO), sku, category, language or hour (00 to 23); `name` is for people."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class SalesReport:
    """Sales of a period. Days and hours are all there, in order; items, categories and languages as they earned.

    `filed_days` are how many days come from sales.csv; `unpriced_units` were sold on them at a price that nobody knows.
    """

    period: Period
    currency: str
    sales: int
    total: Figures
    by_day: tuple[Row, ...]
    by_item: tuple[Row, ...]
    by_category: tuple[Row, ...]
    by_language: tuple[Row, ...]
    by_hour: tuple[Row, ...]
    filed_days: int
    unpriced_units: int


@dataclass(frozen=True, slots=True)
class _Sold:
    """Figures of one product at one time."""

    sku: str
    name: str
    day: datetime.date
    hour: str
    language: str
    figures: Figures


def milliseconds_of(period: Period, time_zone: str) -> tuple[int, int]:
    """A period's first millisecond, and the first behind it."""
    zone = zoneinfo.ZoneInfo(time_zone)
    return midnight_ms(period.since, zone), midnight_ms(period.until + datetime.timedelta(1), zone)


def sales_report(store: Store, period: Period, kiosk: str | None = None) -> SalesReport:
    """The sales of a period, both its days included; of one kiosk, which sales.csv tells nothing of, or of all."""
    zone = zoneinfo.ZoneInfo(store.settings.time_zone)
    product = tables.product
    with store.engine.connect() as connection:
        known = select(product.c.sku, product.c.name, product.c.category, product.c.price_cents)
        goods = {row.sku: row for row in connection.execute(known)}
        span = milliseconds_of(period, store.settings.time_zone)
        taken, refunded = _arrows("capture", span, kiosk), _arrows("refund", span, kiosk)
        sold = [*_taken(connection, taken, zone), *_refunded(connection, refunded, zone)]
        prices = {sku: row.price_cents for sku, row in goods.items()}
        days = kiosk_days(connection, zone, period.since, period.until)
        filed, unpriced = _filed(connection, period, days, prices) if kiosk is None else ([], 0)
        sales = connection.execute(taken.with_only_columns(func.count())).scalar_one()
    sold += filed
    names = {each.sku: each.name or each.sku for each in sold} | {sku: row.name for sku, row in goods.items()}
    categories = {sku: row.category for sku, row in goods.items()}
    dates = [str(period.since + datetime.timedelta(place)) for place in range(period.days)]
    hours = [*HOURS, UNKNOWN] if any(each.hour == UNKNOWN for each in sold) else HOURS
    return SalesReport(
        period,
        store.settings.currency,
        sales,
        sum((each.figures for each in sold), Figures()),
        _in_order(dates, _added(sold, lambda each: str(each.day))),
        _by_earnings(_added(sold, lambda each: each.sku), names),
        _by_earnings(_added(sold, lambda each: categories.get(each.sku, UNKNOWN))),
        _by_earnings(_added(sold, lambda each: each.language)),
        _in_order(hours, _added(sold, lambda each: each.hour)),
        len({each.day for each in filed}),
        unpriced,
    )


def _local(at_ms: int, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at_ms / 1000, zone)


def _arrows(name: str, span: tuple[int, int], kiosk: str | None) -> Select[Any]:
    """The captures or refunds that came to their end, asked for within a span, of one kiosk's sales or of all."""
    arrow, sale = tables.sale_arrow, tables.sale
    within = (arrow.c.at_ms >= span[0]) & (arrow.c.at_ms < span[1])
    wanted = select(arrow.c.sale_id, arrow.c.at_ms, arrow.c.cents).where(came_to_its_end(name), within)
    return (
        wanted if kiosk is None else wanted.where(arrow.c.sale_id.in_(select(sale.c.id).where(sale.c.kiosk == kiosk)))
    )


def _goods_of(connection: Connection, arrows: Select[Any]) -> dict[str, list[tuple[str, str, int, int]]]:
    """What was given out in the sales of such arrows: sku, name, units, cents of each line."""
    line, given = tables.sale_line, tables.dispense
    wanted = arrows.with_only_columns(tables.sale_arrow.c.sale_id)
    fallen = (
        select(given.c.sale_id, given.c.sku, func.count().label("units"))
        .where(given.c.outcome == DROPPED, given.c.sale_id.in_(wanted))
        .group_by(given.c.sale_id, given.c.sku)
        .subquery()
    )
    joined = line.join(fallen, (fallen.c.sale_id == line.c.sale_id) & (fallen.c.sku == line.c.sku))
    columns = (line.c.sale_id, line.c.sku, line.c.name, fallen.c.units, line.c.unit_cents)
    goods: dict[str, list[tuple[str, str, int, int]]] = {}
    ordered = select(*columns).select_from(joined).order_by(line.c.sale_id, line.c.position)
    for sale_id, sku, called, units, unit_cents in connection.execute(ordered):
        goods.setdefault(sale_id, []).append((sku, called, int(units), int(units) * unit_cents))
    return goods


def _languages(connection: Connection) -> dict[str, str]:
    return {sale_id: code for sale_id, code in connection.execute(select(sale_language))}


def _taken(connection: Connection, arrows: Select[Any], zone: zoneinfo.ZoneInfo) -> Iterator[_Sold]:
    goods, languages = _goods_of(connection, arrows), _languages(connection)
    for sale_id, at_ms, _ in connection.execute(arrows).all():
        at = _local(at_ms, zone)
        for sku, name, units, cents in goods.get(sale_id, ()):
            language = languages.get(sale_id, UNKNOWN)
            yield _Sold(sku, name, at.date(), HOURS[at.hour], language, Figures(units, cents))


def _refunded(connection: Connection, arrows: Select[Any], zone: zoneinfo.ZoneInfo) -> Iterator[_Sold]:
    goods, languages = _goods_of(connection, arrows), _languages(connection)
    for sale_id, at_ms, refund in connection.execute(arrows).all():
        at = _local(at_ms, zone)
        lines = goods.get(sale_id, [])
        for (sku, name, _, _), cents in zip(lines, shares(refund, [cents for *_, cents in lines]), strict=True):
            language = languages.get(sale_id, UNKNOWN)
            yield _Sold(sku, name, at.date(), HOURS[at.hour], language, Figures(0, 0, cents))


def shares(cents: int, weights: list[int]) -> list[int]:
    """An amount spread over weights so that not a cent is lost: the largest remainders get one more."""
    whole = sum(weights)
    if not whole:
        return [cents if place == 0 else 0 for place in range(len(weights))]
    parts = [cents * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(cents * weights[place] % whole))
    for place in by_remainder[: cents - sum(parts)]:
        parts[place] += 1
    return parts


def _filed(
    connection: Connection, period: Period, kiosk: frozenset[datetime.date], prices: dict[str, int]
) -> tuple[list[_Sold], int]:
    """Sales of sales.csv on days not the kiosk's, at today's price where it has none; and units without any price."""
    past = tables.past_sale
    within = (past.c.date >= period.since) & (past.c.date <= period.until)
    rows = select(past.c.sku, past.c.date, past.c.units, past.c.price_cents).where(within, past.c.units != 0)
    sold, unpriced = [], 0
    for sku, day, units, price in connection.execute(rows):
        if day in kiosk:
            continue
        cents = prices.get(sku) if price is None else price
        unpriced += units if cents is None else 0
        sold.append(_Sold(sku, "", day, UNKNOWN, UNKNOWN, Figures(units, units * (cents or 0))))
    return sold, unpriced


def _added(sold: Iterable[_Sold], key: Callable[[_Sold], str]) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for each in sold:
        found[key(each)] = found.get(key(each), Figures()) + each.figures
    return found


def _in_order(keys: Iterable[str], figures: dict[str, Figures]) -> tuple[Row, ...]:
    return tuple(Row(key, key, figures.get(key, Figures())) for key in keys)


def _by_earnings(figures: dict[str, Figures], names: dict[str, str] | None = None) -> tuple[Row, ...]:
    rows = [Row(key, (names or {}).get(key, key), own) for key, own in figures.items()]
    return tuple(sorted(rows, key=lambda row: (-row.figures.net_cents, -row.figures.units, row.key)))
