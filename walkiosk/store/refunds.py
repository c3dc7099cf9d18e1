"""Why money was given back, who did it, and what came back: beside the arrow that gives it, once for each form."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select

from walkiosk.store import tables
from walkiosk.store.inventory import move
from walkiosk.store.office_tables import refund_note
from walkiosk.store.sale_book import Sale


@dataclass(frozen=True, slots=True)
class RefundNote:
    """What is noted of a refund; `key` is the form's that asked, made when it was drawn."""

    key: str
    reason: str
    who: str


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund that was asked for; `done` when the provider has answered."""

    note: RefundNote
    cents: int
    at_ms: int
    done: bool


def is_noted(connection: Connection, note: RefundNote) -> bool:
    """Whether this form's refund was written down before."""
    return connection.execute(select(refund_note.c.key).where(refund_note.c.key == note.key)).scalar() is not None


def write_note(connection: Connection, note: RefundNote, sale_id: str, arrow_key: str, cents: int, at_ms: int) -> None:
    """Writes down why an arrow was written; raises ValueError without a reason."""
    if not note.reason.strip():
        raise ValueError("a refund has a reason")
    values = {"sale_id": sale_id, "arrow_key": arrow_key, "cents": cents, "at_ms": at_ms}
    connection.execute(insert(refund_note).values(key=note.key, reason=note.reason.strip(), who=note.who, **values))


def take_back(connection: Connection, sale: Sale, arrow_key: str, units: Mapping[str, int], at_ms: int) -> None:
    """Books units (sku → how many) of a refund into stock again.

    Raises ValueError for more than fell, less what earlier refunds of this sale brought back. Within a transaction
    that has locked the sale: two refunds at once count each other.
    """
    movement = tables.stock_movement
    totals = (
        select(movement.c.sku, func.sum(movement.c.quantity))
        .where(movement.c.sale_id == sale.id, movement.c.reason == "return")
        .group_by(movement.c.sku)
    )
    before: dict[str, int] = {sku: int(total) for sku, total in connection.execute(totals)}
    fell = {line.sku: line.dropped for line in sale.lines}
    for sku, count in units.items():
        left = fell.get(sku, 0) - before.get(sku, 0)
        if not 0 < count <= left:
            raise ValueError(f"sale {sale.id}: {count} of {sku} cannot come back, {left} are out")
        move(connection, f"{arrow_key}-{sku}", sku, count, "return", at_ms, sale.id)


def refunds_of(engine: Engine, sale_id: str) -> tuple[Refund, ...]:
    """A sale's refunds that have a note, the earliest first."""
    arrow = tables.sale_arrow
    wanted = (
        select(refund_note, arrow.c.outcome)
        .join(arrow, arrow.c.key == refund_note.c.arrow_key)
        .where(refund_note.c.sale_id == sale_id)
        .order_by(refund_note.c.at_ms, arrow.c.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    return tuple(
        Refund(RefundNote(row.key, row.reason, row.who), row.cents, row.at_ms, row.outcome is not None) for row in rows
    )
