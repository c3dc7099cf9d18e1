"""Deletes what the shop no longer wants to keep: what was said, the words of remarks, customers who do not come back.

The books of money stay: a sale keeps its amounts and loses its customer.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from walkiosk.store import tables
from walkiosk.store.conversations import DAY_MILLISECONDS, Conversations
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.forgetting import blank, forget_in
from walkiosk.store.kiosks import drop_old_events
from walkiosk.store.office_tables import customer_seen
from walkiosk.store.seen import note_listed
from walkiosk.store.settings import Settings


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many conversations and remarks' words were deleted, and the ids of the customers who were forgotten."""

    conversations: int
    remarks: int
    customers: tuple[str, ...]


class Retention:
    """Keeps a shop's books as long as its settings say; `clock` gives milliseconds since 1970."""

    def __init__(self, engine: Engine, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = clock

    def tidy(self) -> Tidied:
        """Deletes what is older than the shop keeps it. Done again, it finds nothing."""
        settings, now = self.settings, self.clock()
        conversations = Conversations(self.engine, settings.keep_conversations_days, self.clock).purge()
        remarks, gone = 0, tuple[str, ...]()
        with writing(self.engine).begin() as connection:
            drop_old_events(connection, now)
            if settings.keep_remarks_days:
                until = now - settings.keep_remarks_days * DAY_MILLISECONDS
                remarks = blank(connection, tables.feedback.c.at_ms < until)
            known = select(customer_seen.c.customer_id)
            new = select(tables.customer.c.id).where(tables.customer.c.id.not_in(known))
            note_listed(connection, connection.execute(new).scalars().all(), now)
            if settings.keep_customers_days and not settings.kiosk:  # else headquarters knows who was where
                gone = _not_seen_since(connection, now - settings.keep_customers_days * DAY_MILLISECONDS)
            for customer_id in gone:
                forget_in(connection, customer_id, now)
        return Tidied(conversations, remarks, gone)


def _not_seen_since(connection: Connection, until_ms: int) -> tuple[str, ...]:
    """Customers who were not here since then, neither by their code nor by a sale."""
    seen, sale = customer_seen, tables.sale
    bought = select(func.max(sale.c.created_ms)).where(sale.c.customer_id == seen.c.customer_id).scalar_subquery()
    late = (seen.c.seen_ms < until_ms) & (func.coalesce(bought, 0) < until_ms)
    here = select(tables.customer.c.id)
    wanted = select(seen.c.customer_id).where(late, seen.c.customer_id.in_(here)).order_by(seen.c.customer_id)
    return tuple(connection.execute(wanted).scalars())
