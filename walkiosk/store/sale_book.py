"""The book of sales: every sale, its lines, the arrows between its states, and each unit asked of the dispenser."""

import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from walkiosk.store import tables
from walkiosk.store.basket import Basket
from walkiosk.store.inventory import DROPPED, move, on_hand
from walkiosk.store.offers import WHOLE
from walkiosk.store.outcome import NotFound

State = Literal["reserved", "authorised", "dispensing", "dispensed", "captured", "released", "refunded"]
Step = Literal["authorise", "capture", "release", "refund"]
UNFINISHED: tuple[State, ...] = ("reserved", "authorised", "dispensing", "dispensed")
EMPTY, NOT_STARTED = "empty", "not_started"  # outcomes of a unit besides DROPPED and "jammed"


@dataclass(frozen=True, slots=True)
class SaleLine:
    """So many of one product at the price that was told, and how many of them fell."""

    sku: str
    name: str
    slot: str
    quantity: int
    unit_cents: int
    list_cents: int
    tax_basis_points: int
    dropped: int

    @property
    def given_cents(self) -> int:
        """The price of what fell."""
        return self.dropped * self.unit_cents


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as the book has it."""

    id: str
    basket_id: str
    customer_id: str | None
    state: State
    currency: str
    total_cents: int
    captured_cents: int
    refunded_cents: int
    authorisation: str | None
    reserved_until_ms: int
    key: str
    kiosk: str | None  # that it was made at; None for here
    lines: tuple[SaleLine, ...]

    @property
    def given_cents(self) -> int:
        """The price of the goods that fell."""
        return sum(line.given_cents for line in self.lines)

    @property
    def tax_cents(self) -> int:
        """The tax within what was taken for the goods that fell, each line rounded to the nearest cent."""
        return sum(
            round(line.given_cents * line.tax_basis_points / (WHOLE + line.tax_basis_points)) for line in self.lines
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit to be dropped, and its idempotency key."""

    key: str
    sku: str
    slot: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """Something asked of the payment provider, and its idempotency key."""

    name: Step
    key: str
    cents: int


def open_sale(
    connection: Connection, basket: Basket, currency: str, tax_basis_points: int, now_ms: int, until_ms: int
) -> str:
    """Writes a reserved sale of the basket's lines at their prices of now, closes the basket, returns the sale's id."""
    sale_id, key = secrets.token_hex(16), secrets.token_hex(16)
    connection.execute(
        insert(tables.sale).values(
            id=sale_id, basket_id=basket.id, customer_id=basket.customer_id, state="reserved", currency=currency,
            total_cents=basket.total_cents, key=key, authorisation=None, captured_cents=0, refunded_cents=0,
            reserved_until_ms=until_ms, created_ms=now_ms, updated_ms=now_ms,
        )
    )  # fmt: skip
    lines = [
        {
            "sale_id": sale_id,
            "sku": line.product.sku,
            "position": position,
            "name": line.product.name,
            "slot": line.product.slot or line.product.sku,
            "quantity": line.quantity,
            "unit_cents": line.deal.pay_cents,
            "list_cents": line.deal.list_cents,
            "tax_basis_points": tax_basis_points
            if line.product.tax_basis_points is None
            else line.product.tax_basis_points,
        }
        for position, line in enumerate(basket.lines)
    ]
    connection.execute(insert(tables.sale_line), lines)
    connection.execute(update(tables.basket).where(tables.basket.c.id == basket.id).values(open=False))
    return sale_id


def read_sale(connection: Connection, sale_id: str, *, lock: bool = False) -> Sale | NotFound:
    """A sale; with `lock` nobody else changes it until the transaction ends."""
    sale, line = tables.sale, tables.sale_line
    wanted = select(sale).where(sale.c.id == sale_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if row is None:
        return NotFound("sale", sale_id)
    given = tables.dispense
    fallen = connection.execute(
        select(given.c.sku, func.count())
        .where(given.c.sale_id == sale_id, given.c.outcome == DROPPED)
        .group_by(given.c.sku)
    )
    dropped = {sku: int(units) for sku, units in fallen}
    lines = connection.execute(select(line).where(line.c.sale_id == sale_id).order_by(line.c.position)).mappings()
    return _sale(row, tuple(_line(each, dropped.get(each["sku"], 0)) for each in lines))


def _sale(row: RowMapping, lines: tuple[SaleLine, ...]) -> Sale:
    return Sale(lines=lines, **{name: value for name, value in row.items() if name not in ("created_ms", "updated_ms")})


def _line(row: RowMapping, dropped: int) -> SaleLine:
    own = {name: value for name, value in row.items() if name not in ("sale_id", "position")}
    return SaleLine(dropped=dropped, **own)


def set_state(connection: Connection, sale: Sale, state: State, now_ms: int, **values: str | int | None) -> None:
    """Moves a sale to another state; a released one gives its basket back to the customer."""
    own = update(tables.sale).where(tables.sale.c.id == sale.id)
    connection.execute(own.values(state=state, updated_ms=now_ms, **values))
    if state == "released":
        connection.execute(update(tables.basket).where(tables.basket.c.id == sale.basket_id).values(open=True))


def pending(connection: Connection, sale_id: str, name: Step) -> Arrow | None:
    """What was written down to be asked and has no answer yet."""
    arrow = tables.sale_arrow
    wanted = select(arrow.c.key, arrow.c.cents).where(
        arrow.c.sale_id == sale_id, arrow.c.name == name, arrow.c.outcome.is_(None)
    )
    row = connection.execute(wanted.order_by(arrow.c.id)).first()
    return Arrow(name, row.key, row.cents) if row else None


def write_arrow(connection: Connection, sale: Sale, name: Step, cents: int, now_ms: int) -> Arrow:
    """Writes down what is about to be asked, or finds what was written and not answered; its key is made once."""
    if written := pending(connection, sale.id, name):
        return written
    arrow = tables.sale_arrow
    same = select(func.count()).where(arrow.c.sale_id == sale.id, arrow.c.name == name)
    number = (connection.execute(same).scalar() or 0) + 1
    key = f"{sale.key}-{name}-{number}"
    connection.execute(insert(arrow).values(sale_id=sale.id, name=name, key=key, cents=cents, at_ms=now_ms))
    return Arrow(name, key, cents)


def close_arrow(connection: Connection, arrow: Arrow, outcome: str) -> bool:
    """Writes down the answer; False when it was written before."""
    own = tables.sale_arrow
    unanswered = (own.c.key == arrow.key) & own.c.outcome.is_(None)
    return connection.execute(update(own).where(unanswered).values(outcome=outcome)).rowcount == 1


def write_units(connection: Connection, sale: Sale, now_ms: int) -> None:
    """Writes down every unit that is about to be dropped."""
    units = [
        {"key": f"{sale.key}-{place}-{n}", "sale_id": sale.id, "sku": line.sku, "slot": line.slot, "at_ms": now_ms}
        for place, line in enumerate(sale.lines)
        for n in range(line.quantity)
    ]
    connection.execute(insert(tables.dispense), units)


def units_of(connection: Connection, sale_id: str) -> list[Unit]:
    """The units of which we do not know yet whether they fell, in order."""
    given = tables.dispense
    wanted = select(given.c.key, given.c.sku, given.c.slot).where(given.c.sale_id == sale_id, given.c.outcome.is_(None))
    return [Unit(*row) for row in connection.execute(wanted.order_by(given.c.key))]


def close_unit(connection: Connection, sale_id: str, unit: Unit, outcome: str, now_ms: int) -> None:
    """Writes down what became of a unit, and books it out of stock, once; an empty slot empties the ledger too."""
    given = tables.dispense
    unknown = (given.c.key == unit.key) & given.c.outcome.is_(None)
    if connection.execute(update(given).where(unknown).values(outcome=outcome)).rowcount == 0:
        return
    if outcome == DROPPED:
        move(connection, unit.key, unit.sku, -1, "sale", now_ms, sale_id)
    elif outcome == EMPTY and (there := on_hand(connection, [unit.sku]).get(unit.sku, 0)) > 0:
        move(connection, f"{unit.key}-empty", unit.sku, -there, "count", now_ms, sale_id)
