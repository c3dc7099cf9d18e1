"""The book of sales as a list: by day, state and customer; and what was asked of the devices for one of them."""

import datetime
import zoneinfo
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, func, or_, select

from walkiosk.store import tables
from walkiosk.store.sale_days import midnight_ms


@dataclass(frozen=True, slots=True)
class SaleEntry:
    """A sale in the list; `goods` are the names of its lines, `customer` a name, or the id of one who has gone, `kiosk`
    where it was made, None for here."""

    id: str
    created_ms: int
    state: str
    customer: str | None
    currency: str
    total_cents: int
    captured_cents: int
    refunded_cents: int
    goods: tuple[str, ...]
    kiosk: str | None = None


@dataclass(frozen=True, slots=True)
class ArrowEntry:
    """What was asked of the payment provider, and its answer; None: written, not yet known to have happened."""

    name: str
    cents: int
    outcome: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sales to list: days in the shop's time, both included; a part of a customer's name, or their id; those of
    one kiosk, at headquarters."""

    first: datetime.date | None = None
    last: datetime.date | None = None
    state: str | None = None
    customer: str = ""
    kiosk: str | None = None


def find_sales(
    engine: Engine, wanted: Wanted, time_zone: str, limit: int = 50, offset: int = 0
) -> tuple[tuple[SaleEntry, ...], int]:
    """So many of the sales wanted, the latest first, and how many there are in all."""
    sale, person, line = tables.sale, tables.customer, tables.sale_line
    joined = sale.outerjoin(person, person.c.id == sale.c.customer_id)
    conditions = _conditions(wanted, zoneinfo.ZoneInfo(time_zone))
    listed = (
        select(sale, person.c.name.label("customer_name"))
        .select_from(joined)
        .where(*conditions)
        .order_by(sale.c.created_ms.desc(), sale.c.id)
    )
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(joined).where(*conditions)).scalar_one()
        rows = connection.execute(listed.limit(limit).offset(offset)).all()
        lines = select(line.c.sale_id, line.c.name, line.c.quantity).where(line.c.sale_id.in_([row.id for row in rows]))
        goods: dict[str, list[str]] = {}
        for sale_id, name, quantity in connection.execute(lines.order_by(line.c.sale_id, line.c.position)):
            goods.setdefault(sale_id, []).append(name if quantity == 1 else f"{quantity} × {name}")
    entries = tuple(
        SaleEntry(
            row.id, row.created_ms, row.state, row.customer_name or row.customer_id, row.currency, row.total_cents,
            row.captured_cents, row.refunded_cents, tuple(goods.get(row.id, ())), row.kiosk,
        )
        for row in rows
    )  # fmt: skip
    return entries, count


def arrows_of(engine: Engine, sale_id: str) -> tuple[ArrowEntry, ...]:
    """What was asked for a sale, in order."""
    arrow = tables.sale_arrow
    wanted = select(arrow.c.name, arrow.c.cents, arrow.c.outcome, arrow.c.at_ms).where(arrow.c.sale_id == sale_id)
    with engine.connect() as connection:
        return tuple(ArrowEntry(*row) for row in connection.execute(wanted.order_by(arrow.c.id)))


def created_of(engine: Engine, sale_id: str) -> int:
    """When a sale began, in milliseconds since 1970; raises `LookupError` for one that is not there."""
    with engine.connect() as connection:
        found = connection.execute(select(tables.sale.c.created_ms).where(tables.sale.c.id == sale_id)).scalar()
    if found is None:
        raise LookupError(f"no sale {sale_id!r} in this shop's book")
    return int(found)


def _conditions(wanted: Wanted, zone: zoneinfo.ZoneInfo) -> list[ColumnElement[bool]]:
    sale, person = tables.sale, tables.customer
    conditions: list[ColumnElement[bool]] = []
    if wanted.first is not None:
        conditions.append(sale.c.created_ms >= midnight_ms(wanted.first, zone))
    if wanted.last is not None:
        conditions.append(sale.c.created_ms < midnight_ms(wanted.last + datetime.timedelta(days=1), zone))
    if wanted.kiosk is not None:
        conditions.append(sale.c.kiosk == wanted.kiosk)
    if wanted.state:
        conditions.append(sale.c.state == wanted.state)
    if name := wanted.customer.strip():
        part = person.c.name.icontains(name, autoescape=True)
        conditions.append(or_(part, sale.c.customer_id == name))
    return conditions
