"""Why money was given back, and who did it: beside the arrow that gives it, and once for each form that asked."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from walkiosk.store import tables
from walkiosk.store.office_tables import refund_note


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
