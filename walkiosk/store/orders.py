"""Orders at suppliers: proposed → placed → arriving → closed, or cancelled before anything has come.

Everything carries a key that its asker makes once: the same order proposed again is the one that is there, and an
arrival reported again books nothing. What arrives goes into the ledger in the transaction that notes it on the order.
Who asks for what cannot be raises `ValueError`, which names it; nothing has changed then.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkiosk.store import tables
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.inventory import move
from walkiosk.store.kiosk_tables import kiosk_delivery
from walkiosk.store.kiosks import deliver
from walkiosk.store.office_tables import stock_order, stock_order_line
from walkiosk.store.order_book import (
    COMING,
    STATES,
    Arrival,
    Order,
    State,
    Wanted,
    allow,
    check_units,
    id_of,
    lines_of,
    read_order,
    set_line,
)
from walkiosk.store.outcome import NotFound


class Orders:
    """Keeps orders; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, currency: str = "EUR", clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.currency = currency
        self.clock = clock

    def order(self, order_id: str) -> Order | NotFound:
        """An order as it stands."""
        with self.engine.connect() as connection:
            return read_order(connection, order_id)

    def orders(self, states: Iterable[State] = STATES) -> tuple[Order, ...]:
        """The orders in these states, newest first."""
        own = stock_order
        wanted = select(own.c.id).where(own.c.state.in_(list(states))).order_by(own.c.created_ms.desc(), own.c.id)
        with self.engine.connect() as connection:
            found = (read_order(connection, order_id) for order_id in connection.execute(wanted).scalars().all())
            return tuple(order for order in found if isinstance(order, Order))

    def on_order(self) -> dict[str, int]:
        """Units that are on their way, by sku: of orders placed, what has not arrived."""
        line, own = stock_order_line, stock_order
        missing = (
            select(line.c.sku, func.sum(line.c.units - line.c.arrived))
            .join(own, own.c.id == line.c.order_id)
            .where(own.c.state.in_(COMING), line.c.units > line.c.arrived)
            .group_by(line.c.sku)
        )
        with self.engine.connect() as connection:
            return {sku: int(units) for sku, units in connection.execute(missing)}

    def propose(self, key: str, lines: Sequence[Wanted], by: str) -> Order:
        """Writes an order down, or finds the one that this key made.

        Lines without units are left out. Raises `ValueError` for a sku that the shop does not have or that is there
        twice, for units that cannot be, and for nobody's key or name.
        """
        if not key or not by:
            raise ValueError("an order needs a key and the name of who proposes it")
        check_units([(line.sku, line.units) for line in lines])
        if packless := [line for line in lines if line.pack_size < 1 or line.unit_cost_cents < 0]:
            first = packless[0]
            raise ValueError(f"{first.sku}: packs of {first.pack_size} at {first.unit_cost_cents} cents a unit")
        try:
            with writing(self.engine).begin() as connection:
                order_id = id_of(connection, key) or self._write(connection, key, lines, by)
                return _there(connection, order_id)
        except IntegrityError:  # the same key at the same moment: the other one was first
            with self.engine.connect() as connection:
                if (other := id_of(connection, key)) is None:
                    raise
                return _there(connection, other)

    def _write(self, connection: Connection, key: str, lines: Sequence[Wanted], by: str) -> str:
        product = tables.product
        skus = [line.sku for line in lines]
        names = dict(connection.execute(select(product.c.sku, product.c.name).where(product.c.sku.in_(skus))).all())
        if unknown := [sku for sku in skus if sku not in names]:
            raise ValueError(f"{unknown[0]}: no such product")
        order_id, now = secrets.token_hex(8), self.clock()
        order = {"id": order_id, "key": key, "state": "proposed", "currency": self.currency, "proposed_by": by}
        connection.execute(insert(stock_order).values(**order, created_ms=now, updated_ms=now))
        rows = [
            {
                "order_id": order_id,
                "sku": line.sku,
                "position": position,
                "name": line.name or names[line.sku],
                "pack_size": line.pack_size,
                "units": line.units,
                "arrived": 0,
                "unit_cost_cents": line.unit_cost_cents,
                "reason": line.reason,
            }
            for position, line in enumerate(lines)
            if line.units
        ]
        if rows:
            connection.execute(insert(stock_order_line), rows)
        return order_id

    def place(self, order_id: str, by: str, due: datetime.date | None = None) -> Order | NotFound:
        """Notes that the order went out, and who sent it; placed again it stays as it was."""
        if not by:
            raise ValueError(f"order {order_id}: nobody places it")
        with writing(self.engine).begin() as connection:
            order = read_order(connection, order_id, lock=True)
            if isinstance(order, NotFound) or order.state in COMING:
                return order
            allow(order, "placed", ("proposed",))
            if not order.lines:
                raise ValueError(f"order {order_id} has nothing in it")
            return self._moved(connection, order, "placed", placed_by=by, placed_ms=self.clock(), due=due)

    def arrive(self, order_id: str, key: str, units: Mapping[str, int], kiosk: str | None = None) -> Arrival | NotFound:
        """Books a delivery into stock, once for its key; the order closes when everything is there.

        What came for a kiosk goes into its ledger when it looks at headquarters next.

        More than was ordered is booked too, and told. Raises `ValueError` for a product that was not ordered, for
        units that cannot be, and for an order that is not on its way.
        """
        if not key:
            raise ValueError(f"order {order_id}: a delivery needs a key")
        check_units(list(units.items()))
        with writing(self.engine).begin() as connection:
            order = read_order(connection, order_id, lock=True)
            if isinstance(order, NotFound):
                return order
            movement = tables.stock_movement
            keys = {line.sku: f"arrival:{order_id}:{line.sku}:{key}" for line in order.lines}
            seen = select(movement.c.key).where(movement.c.key.in_(list(keys.values())))
            sent = select(kiosk_delivery.c.key).where(kiosk_delivery.c.key.in_(list(keys.values())))
            if connection.execute(seen.union(sent)).first() is not None:
                return Arrival(order, {}, {}, known=True)
            allow(order, "received", COMING)
            lines, booked = lines_of(order, units), {sku: count for sku, count in units.items() if count}
            for sku, count in booked.items():
                if kiosk is None:
                    move(connection, keys[sku], sku, count, "arrival", self.clock())
                else:
                    deliver(connection, keys[sku], kiosk, sku, count, self.clock())
                set_line(connection, order_id, sku, arrived=lines[sku].arrived + count)
            complete = all(line.missing <= units.get(line.sku, 0) for line in order.lines)
            order = self._moved(connection, order, "closed" if complete else "arriving" if booked else order.state)
        after = {line.sku: line for line in order.lines}
        over = {sku: after[sku].arrived - after[sku].units for sku in booked}
        return Arrival(order, booked, {sku: more for sku, more in over.items() if more > 0})

    def close(self, order_id: str) -> Order | NotFound:
        """Ends an order of which no more will come; what is missing is not on order any longer."""
        return self._end(order_id, "closed", COMING)

    def cancel(self, order_id: str) -> Order | NotFound:
        """Ends an order of which nothing has come."""
        return self._end(order_id, "cancelled", ("proposed", "placed"))

    def _end(self, order_id: str, state: State, before: tuple[State, ...]) -> Order | NotFound:
        with writing(self.engine).begin() as connection:
            order = read_order(connection, order_id, lock=True)
            if isinstance(order, NotFound) or order.state == state:
                return order
            allow(order, state, before)
            return self._moved(connection, order, state)

    def _moved(
        self, connection: Connection, order: Order, state: State, **values: str | int | datetime.date | None
    ) -> Order:
        own = update(stock_order).where(stock_order.c.id == order.id)
        connection.execute(own.values(state=state, updated_ms=self.clock(), **values))
        return _there(connection, order.id)


def _there(connection: Connection, order_id: str) -> Order:
    order = read_order(connection, order_id)
    assert isinstance(order, Order)
    return order
