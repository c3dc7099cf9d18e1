"""Stock: what the ledger says is there, less what sales in progress hold. It moves only through rows of the ledger.

A product whose file has no count is not counted: it is always there.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, or_, select

from walkiosk.store import tables
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.outcome import NotFound

Reason = Literal["count", "arrival", "sale", "write_off", "return"]
HOLDING = ("authorised", "dispensing")  # states that hold goods without a time limit
DROPPED = "dropped"


class Inventory:
    """Reads and books stock; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.clock = clock

    def available(self, sku: str) -> int | NotFound | None:
        """Units that a customer can still have; None when the product is not counted."""
        found = self.available_of([sku])
        return found[sku] if sku in found else NotFound("product", sku)

    def available_of(self, skus: Iterable[str], everywhere: bool = False) -> dict[str, int | None]:
        """The same for several products, those the shop does not have left out; here, or at all kiosks together."""
        with self.engine.connect() as connection:
            return self.available_in(connection, skus, everywhere)

    def available_in(
        self, connection: Connection, skus: Iterable[str], everywhere: bool = False
    ) -> dict[str, int | None]:
        """The same within a transaction."""
        wanted = list(dict.fromkeys(skus))
        product = tables.product
        listed = connection.execute(select(product.c.sku, product.c.listed_stock).where(product.c.sku.in_(wanted)))
        counted = {sku: stock is not None for sku, stock in listed}
        there = on_hand(connection, wanted, everywhere)
        held = self._held(connection, wanted, everywhere)
        return {
            sku: max(0, there.get(sku, 0) - held.get(sku, 0)) if counted[sku] else None
            for sku in wanted
            if sku in counted
        }

    def _held(self, connection: Connection, skus: list[str], everywhere: bool) -> dict[str, int]:
        """Units of sales in progress that are still to come out, by sku."""
        sale, line, given = tables.sale, tables.sale_line, tables.dispense
        holding: ColumnElement[bool] = or_(
            sale.c.state.in_(HOLDING), (sale.c.state == "reserved") & (sale.c.reserved_until_ms > self.clock())
        )
        if not everywhere:
            holding &= sale.c.kiosk.is_(None)
        reserved = connection.execute(
            select(line.c.sku, func.sum(line.c.quantity))
            .join(sale, sale.c.id == line.c.sale_id)
            .where(holding, line.c.sku.in_(skus))
            .group_by(line.c.sku)
        )
        held = {sku: int(units) for sku, units in reserved}
        dropped = connection.execute(
            select(given.c.sku, func.count())
            .join(sale, sale.c.id == given.c.sale_id)
            .where(holding, given.c.sku.in_(skus), given.c.outcome == DROPPED)
            .group_by(given.c.sku)
        )
        for sku, units in dropped:
            held[sku] = held.get(sku, 0) - int(units)
        return held

    def book(self, key: str, sku: str, quantity: int, reason: Reason) -> bool:
        """Books a movement; False when one with this key was booked before, and nothing moves twice."""
        with writing(self.engine).begin() as connection:
            return move(connection, key, sku, quantity, reason, self.clock())

    def count(self, key: str, sku: str, counted: int) -> bool:
        """Books what somebody counted, goods held for customers included; False when it was booked before."""
        with writing(self.engine).begin() as connection:
            product = tables.product  # two who count at once take turns
            connection.execute(select(product.c.sku).where(product.c.sku == sku).with_for_update())
            there = on_hand(connection, [sku]).get(sku, 0)
            return move(connection, key, sku, counted - there, "count", self.clock())


def on_hand(connection: Connection, skus: Iterable[str], everywhere: bool = False) -> dict[str, int]:
    """What the ledger's rows add up to, by sku, here or at all kiosks together; held units included."""
    movement = tables.stock_movement
    meant: ColumnElement[bool] = movement.c.sku.in_(list(skus))
    if not everywhere:
        meant &= movement.c.kiosk.is_(None)
    totals = select(movement.c.sku, func.sum(movement.c.quantity)).where(meant).group_by(movement.c.sku)
    return {sku: int(units) for sku, units in connection.execute(totals)}


def move(
    connection: Connection,
    key: str,
    sku: str,
    quantity: int,
    reason: Reason,
    at_ms: int,
    sale_id: str | None = None,
) -> bool:
    """Adds a row to the ledger unless its key is there; True when it was added."""
    movement = tables.stock_movement
    if connection.execute(select(movement.c.id).where(movement.c.key == key)).scalar() is not None:
        return False
    connection.execute(
        insert(movement).values(key=key, sku=sku, quantity=quantity, reason=reason, sale_id=sale_id, at_ms=at_ms)
    )
    return True
