"""What headquarters knows of its kiosks: how each was when it was seen last, and goods on their way to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select

from walkiosk.store import tables
from walkiosk.store.kiosk_tables import kiosk, kiosk_delivery, kiosk_event

EVENTS_KEPT_MILLISECONDS = 90 * 24 * 3600 * 1000  # by then an event that is sent again would change nothing either


@dataclass(frozen=True, slots=True)
class KioskState:
    """A kiosk as it was at `seen_ms`: events that waited there, the oldest of them, and the facts it sells by.

    `revision` is None for facts of its own, `refused` why it does not take the latest; `coming` are units booked for
    it that it has not yet heard of.
    """

    name: str
    seen_ms: int
    waiting: int
    oldest_ms: int | None
    revision: str | None
    refused: str | None
    coming: int


class Kiosks:
    """Reads what kiosks told, at headquarters."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def names(self) -> tuple[str, ...]:
        """What they are called, in order; nothing where no kiosk ships."""
        with self.engine.connect() as connection:
            return tuple(connection.execute(select(kiosk.c.name).distinct().order_by(kiosk.c.name)).scalars())

    def states(self) -> tuple[KioskState, ...]:
        """Each kiosk; of one that began new books, both."""
        wanted = select(kiosk).order_by(kiosk.c.name, kiosk.c.number)
        with self.engine.connect() as connection:
            coming = _coming(connection)
            return tuple(
                KioskState(
                    row.name, row.seen_ms, row.waiting, row.oldest_ms, row.revision, row.refused,
                    coming.get(row.name, 0),
                )
                for row in connection.execute(wanted)
            )  # fmt: skip

    def stock(self, skus: Iterable[str]) -> dict[str, dict[str, int]]:
        """What each kiosk's ledger adds up to: sku → kiosk → units; kiosks without a movement of it are left out."""
        own = tables.stock_movement
        totals = select(own.c.sku, own.c.kiosk, func.sum(own.c.quantity)).where(own.c.kiosk.is_not(None))
        totals = totals.where(own.c.sku.in_(list(skus))).group_by(own.c.sku, own.c.kiosk).order_by(own.c.kiosk)
        found: dict[str, dict[str, int]] = {}
        with self.engine.connect() as connection:
            for sku, name, units in connection.execute(totals):
                found.setdefault(sku, {})[name] = int(units)
        return found


def deliver(connection: Connection, key: str, name: str, sku: str, units: int, at_ms: int) -> None:
    """Books goods for a kiosk; raises `ValueError` for one that never shipped anything here."""
    if connection.execute(select(kiosk.c.books).where(kiosk.c.name == name).limit(1)).scalar() is None:
        raise ValueError(f"no kiosk is called {name!r}")
    values = {"key": key, "kiosk": name, "sku": sku, "quantity": units, "at_ms": at_ms}
    connection.execute(insert(kiosk_delivery).values(values))


def drop_old_events(connection: Connection, at_ms: int) -> None:
    """Forgets the ids of events that came long ago; the rows stay."""
    connection.execute(delete(kiosk_event).where(kiosk_event.c.received_ms < at_ms - EVENTS_KEPT_MILLISECONDS))


def _coming(connection: Connection) -> dict[str, int]:
    own, movement = kiosk_delivery, tables.stock_movement
    booked = select(movement.c.id).where(movement.c.key == own.c.key).exists()
    totals = select(own.c.kiosk, func.sum(own.c.quantity)).where(~booked).group_by(own.c.kiosk)
    return {name: int(units) for name, units in connection.execute(totals)}
