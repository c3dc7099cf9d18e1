"""The book of orders at suppliers: an order and its lines, and how they are read and written."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, RowMapping, select, update

from walkiosk.store.cells import LARGEST
from walkiosk.store.office_tables import stock_order, stock_order_line
from walkiosk.store.outcome import NotFound
from walkiosk.store.replenishment import Proposal

State = Literal["proposed", "placed", "arriving", "closed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
COMING: tuple[State, ...] = ("placed", "arriving")
CSV_COLUMNS = ("sku", "name", "packs", "units")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line to be ordered, in units and cents."""

    sku: str
    units: int
    name: str = ""
    pack_size: int = 1
    unit_cost_cents: int = 0
    reason: str = ""

    @classmethod
    def of(cls, proposal: Proposal) -> Wanted:
        """What a proposal proposes, with its reason."""
        item = proposal.item
        return cls(item.sku, proposal.units, item.name, item.pack_size, item.unit_cost_cents, proposal.reason)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """So many units ordered, and how many of them have arrived, which may be more."""

    sku: str
    name: str
    pack_size: int
    units: int
    arrived: int
    unit_cost_cents: int
    reason: str

    @property
    def packs(self) -> int:
        """Packs that hold the units."""
        return -(-self.units // self.pack_size)

    @property
    def missing(self) -> int:
        """Units still to come."""
        return max(0, self.units - self.arrived)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the book has it; `due` is the day on which it should be there."""

    id: str
    key: str
    state: State
    currency: str
    proposed_by: str
    placed_by: str | None
    created_ms: int
    placed_ms: int | None
    updated_ms: int
    due: datetime.date | None
    lines: tuple[OrderLine, ...]

    @property
    def cost_cents(self) -> int:
        """What its units cost the shop."""
        return sum(line.units * line.unit_cost_cents for line in self.lines)

    def csv(self) -> str:
        """The order as a supplier reads it, a header and a row a product."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        writer.writerows((line.sku, line.name, line.packs, line.units) for line in self.lines)
        return text.getvalue()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a delivery changed. `booked` went into stock; `over` is how much more of a product has come than was
    ordered, all deliveries together; both are empty for a delivery that was `known` before."""

    order: Order
    booked: Mapping[str, int]
    over: Mapping[str, int]
    known: bool = False


def id_of(connection: Connection, key: str) -> str | None:
    """The order that a key made."""
    found: str | None = connection.execute(select(stock_order.c.id).where(stock_order.c.key == key)).scalar()
    return found


def read_order(connection: Connection, order_id: str, *, lock: bool = False) -> Order | NotFound:
    """An order; with `lock` nobody else changes it until the transaction ends."""
    wanted = select(stock_order).where(stock_order.c.id == order_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if row is None:
        return NotFound("order", order_id)
    line = stock_order_line
    lines = connection.execute(select(line).where(line.c.order_id == order_id).order_by(line.c.position)).mappings()
    return Order(**row, lines=tuple(map(_line, lines)))


def _line(row: RowMapping) -> OrderLine:
    return OrderLine(**{name: value for name, value in row.items() if name not in ("order_id", "position")})


def set_line(connection: Connection, order_id: str, sku: str, **values: int) -> None:
    """Writes numbers of a line."""
    own = (stock_order_line.c.order_id == order_id) & (stock_order_line.c.sku == sku)
    connection.execute(update(stock_order_line).where(own).values(**values))


def check_units(units: Sequence[tuple[str, int]]) -> None:
    """Raises `ValueError` for units that cannot be and for a product that is there twice."""
    for sku, count in units:
        if not 0 <= count <= LARGEST:
            raise ValueError(f"{sku}: {count} units")
    for sku, times in Counter(sku for sku, _ in units).items():
        if times > 1:
            raise ValueError(f"{sku}: there twice")


def lines_of(order: Order, skus: Iterable[str]) -> dict[str, OrderLine]:
    """The lines by sku; raises `ValueError` where one of `skus` has none."""
    lines = {line.sku: line for line in order.lines}
    if unknown := [sku for sku in skus if sku not in lines]:
        raise ValueError(f"order {order.id} has no {unknown[0]}")
    return lines


def allow(order: Order, verb: str, states: tuple[State, ...]) -> None:
    """Raises `ValueError` unless the order is in one of these states."""
    if order.state not in states:
        raise ValueError(f"order {order.id} is {order.state}; it cannot be {verb}")
