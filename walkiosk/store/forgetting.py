"""Forgets customers: what is known of them goes, the amounts of their sales stay, and no file brings them back.

Who was forgotten is kept as a mark of their id only, with a salt, so that the next loading of customers.csv leaves them
out; the file itself is the operator's.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select, update

from walkiosk.store import tables
from walkiosk.store.database import writing
from walkiosk.store.editing.change import Change, words
from walkiosk.store.folder import FILES
from walkiosk.store.office_tables import conversation, conversation_turn, customer_key, customer_seen, edit
from walkiosk.store.outbox import blank_customer
from walkiosk.store.seen import forgotten_among, note_forgotten
from walkiosk.store.sheet import read_sheet

FILE = "customers.csv"
SOMEBODY = f"{FILE}: somebody who was forgotten"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the books held of a customer: a profile or none, and so many sales, remarks, conversations and edits."""

    profile: bool
    sales: int
    remarks: int
    conversations: int
    edits: int

    @property
    def anything(self) -> bool:
        """Whether there was anything to forget."""
        return self.profile or any((self.sales, self.remarks, self.conversations, self.edits))


def forget(engine: Engine, customer_id: str, at_ms: int) -> Forgotten:
    """Forgets a customer, known or not, in one transaction; `at_ms` is milliseconds since 1970."""
    with writing(engine).begin() as connection:
        return forget_in(connection, customer_id, at_ms)


def forget_in(connection: Connection, customer_id: str, at_ms: int) -> Forgotten:
    """The same within a transaction."""
    sale, remark, turn = tables.sale, tables.feedback, conversation_turn
    own_sales = select(sale.c.id).where(sale.c.customer_id == customer_id)
    sales = connection.execute(own_sales).scalars().all()
    remarks = blank(connection, remark.c.sale_id.in_(own_sales))
    talks = connection.execute(select(turn.c.conversation_id).where(turn.c.sale_id.in_(own_sales)).distinct())
    said = talks.scalars().all()
    connection.execute(delete(turn).where(turn.c.conversation_id.in_(said)))
    connection.execute(delete(conversation).where(conversation.c.id.in_(said)))
    for table in (sale, tables.basket):
        connection.execute(update(table).where(table.c.customer_id == customer_id).values(customer_id=None))
    for table in (tables.customer_size, tables.customer_lock, customer_key, customer_seen):
        connection.execute(delete(table).where(table.c.customer_id == customer_id))
    blank_customer(connection, customer_id)
    person = connection.execute(delete(tables.customer).where(tables.customer.c.id == customer_id)).rowcount
    edits = _scrub_edits(connection, customer_id)
    note_forgotten(connection, customer_id, at_ms)
    return Forgotten(bool(person), len(sales), remarks, len(said), edits)


def forget_marked(connection: Connection, at_ms: int) -> None:
    """Forgets those whose mark came from another kiosk or from headquarters, within a transaction."""
    names = (
        tables.customer.c.id, tables.sale.c.customer_id, tables.basket.c.customer_id, customer_seen.c.customer_id,
        customer_key.c.customer_id, tables.customer_lock.c.customer_id,
    )  # fmt: skip
    known = {each for name in names for each in connection.execute(select(name).distinct()).scalars() if each}
    for customer_id in sorted(forgotten_among(connection, known)):
        forget_in(connection, customer_id, at_ms)


def blank(connection: Connection, condition: ColumnElement[bool]) -> int:
    """Deletes the words of remarks, and of those without stars all; returns how many remarks had words."""
    own = tables.feedback
    meant = (own.c.words != "") & condition
    count: int = connection.execute(select(func.count()).select_from(own).where(meant)).scalar_one()
    connection.execute(delete(own).where(meant & own.c.stars.is_(None)))
    connection.execute(update(own).where(meant).values(words="", filed=None))
    return count


def forgotten_lines(engine: Engine, folder: Path | None) -> tuple[tuple[int, str], ...]:
    """The lines of a folder's customers.csv (1-based, with the id) that are of customers who were forgotten."""
    if folder is None:
        return ()
    rows = read_sheet(folder, FILE, FILES[FILE]).rows
    with engine.connect() as connection:
        gone = forgotten_among(connection, [row.cells["id"] for row in rows])
    return tuple((row.line, row.cells["id"]) for row in rows if row.cells["id"] in gone)


def _scrub_edits(connection: Connection, customer_id: str) -> int:
    """Takes the customer's rows out of the journal of the office, which could bring them back."""
    told = 0
    rows = connection.execute(select(edit.c.id, edit.c.changes).where(edit.c.changes.contains(FILE))).all()
    for number, changes in rows:
        made = [Change(*each) for each in json.loads(changes)]
        kept = [each for each in made if not is_about(each, customer_id)]
        if len(kept) == len(made):
            continue
        told += 1
        left = json.dumps([[c.file, c.before, c.after, c.place] for c in kept], ensure_ascii=False)
        said = "; ".join([SOMEBODY, *map(words, kept)])
        connection.execute(update(edit).where(edit.c.id == number).values(changes=left, words=said))
    return told


def is_about(change: Change, customer_id: str) -> bool:
    """Whether a change of the folder is of this customer's row."""
    ids = [cells.get("id") for cells in (change.before, change.after) if cells is not None]
    return change.file == FILE and customer_id in ids
