"""Headquarters' end of the line: a kiosk's rows are put into the same tables, once, in the order of its events.

Rows keep their keys, which are drawn by chance; those that a kiosk only numbers get the kiosk's number in front, so
that no two kiosks' meet. Everything of a batch is one transaction, which holds the kiosk's row of `kiosk` from before
its books are read until the end: two shippers of one kiosk go one after the other, and the older never overwrites the
newer. The same batch again finds its events there and changes nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    case,
    create_engine,
    delete,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from walkiosk.store import tables
from walkiosk.store.forgetting import forget_marked
from walkiosk.store.kiosk_tables import SHIPPED, kiosk, kiosk_event
from walkiosk.store.office_tables import customer_seen, forgotten_customer
from walkiosk.store.outbox import Batch, Key, Row, Waiting
from walkiosk.store.seen import forgotten_among

NUMBERS = 1 << 32  # rows that a kiosk may number in a table
ENROL_LOCK = 4_771_204  # any number of ours: two kiosks that come first at once get different numbers
CONNECT_SECONDS = 5
LINE = {  # libpq's: a cut line is found out in seconds, at either end
    "connect_timeout": CONNECT_SECONDS,
    "tcp_user_timeout": 10_000,  # ms without an acknowledgement
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "options": "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=30s",
}


class HeadquartersMisconfigured(ValueError):
    """Headquarters' address is none, or its driver is not here; the message is for the operator."""


class HeadquartersRefuses(Exception):
    """Headquarters is there and does not take what this kiosk has; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a kiosk is, as it tells headquarters."""

    name: str
    books: str
    schema: str  # of its database
    revision: str | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """How many of a batch's events were new here, and how many headquarters had."""

    new: int = 0
    repeated: int = 0

    def __add__(self, other: "Applied") -> "Applied":
        return Applied(self.new + other.new, self.repeated + other.repeated)


def connect_to(url: str) -> Engine:
    """An engine on headquarters' database, which is used and not upgraded; each connection is new.

    Raises `HeadquartersMisconfigured`.
    """
    if find_spec("psycopg") is None:
        raise HeadquartersMisconfigured("headquarters' driver is not installed: pip install 'walkiosk[postgres]'")
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        address = None
    if address is None or address.get_backend_name() != "postgresql":
        raise HeadquartersMisconfigured("headquarters' address is no postgresql://…")  # it may hold a password
    address = address.set(drivername="postgresql+psycopg")
    return create_engine(address, poolclass=NullPool, connect_args=LINE)


@contextmanager
def let_in(engine: Engine, who: Standing, at_ms: int) -> Iterator[tuple[Connection, int]]:
    """A transaction of this kiosk alone, and its number; raises `HeadquartersRefuses`."""
    with engine.begin() as connection:
        schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
        if schema < who.schema:
            raise HeadquartersRefuses(f"its tables are {schema or 'none'}, this kiosk's {who.schema}: update it first")
        own = select(kiosk.c.number).where(kiosk.c.books == who.books).with_for_update()
        number = connection.execute(own).scalar()
        yield connection, number or _enrol(connection, who, at_ms)


def apply(connection: Connection, number: int, who: Standing, batch: Batch, at_ms: int) -> Applied:
    """Puts a batch into headquarters' tables, within the kiosk's transaction."""
    events = [
        {
            "id": event.id, "books": who.books, "seq": event.seq, "kind": event.kind, "at_ms": event.at_ms,
            "received_ms": at_ms,
        }
        for event in batch.events
    ]  # fmt: skip
    new = 0
    if events:
        unknown = insert_or(kiosk_event).on_conflict_do_nothing().returning(kiosk_event.c.id)
        new = len(connection.execute(unknown, events).all())
    _scrub(connection, batch)
    marks = batch.rows[forgotten_customer]
    for table in SHIPPED:
        _put(connection, table, batch.rows[table], number, who.name)
    for table in reversed(SHIPPED):
        _take_out(connection, table, batch.gone[table], number)
    if marks:
        forget_marked(connection, at_ms)
    return Applied(new, len(events) - new)


def note_standing(
    connection: Connection, who: Standing, waiting: Waiting, shipped: int, last_seq: int, at_ms: int
) -> None:
    """Writes down how the kiosk is once `shipped` of the events that wait are here.

    Raises `HeadquartersRefuses` for books in which fewer events were ever written than are here.
    """
    own = kiosk.c.books == who.books
    known = connection.execute(select(kiosk.c.last_seq).where(own)).scalar_one()
    if waiting.last_seq < known:
        raise HeadquartersRefuses(
            f"it has {known} events of these books, which know of {waiting.last_seq}: an old copy?"
        )
    left = max(0, waiting.events - shipped)
    values = {"name": who.name, "seen_ms": at_ms, "waiting": left, "oldest_ms": waiting.oldest_ms if left else None}
    values |= {"revision": who.revision, "refused": who.refused, "last_seq": max(known, last_seq)}
    connection.execute(update(kiosk).where(own).values(values))


def _enrol(connection: Connection, who: Standing, at_ms: int) -> int:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ENROL_LOCK})
    number = (connection.execute(select(func.max(kiosk.c.number))).scalar() or 0) + 1
    row = {"books": who.books, "name": who.name, "number": number, "last_seq": 0, "seen_ms": at_ms, "waiting": 0}
    connection.execute(insert(kiosk).values(row))
    return number


def _scrub(connection: Connection, batch: Batch) -> None:
    """Takes customers out of the rows who were forgotten here and of whom the kiosk has not heard yet."""
    named = [row for table in (tables.sale, tables.basket) for row in batch.rows[table].values() if row["customer_id"]]
    seen = batch.rows[customer_seen]
    gone = forgotten_among(connection, {row["customer_id"] for row in (*named, *seen.values())})
    for row in named:
        if row["customer_id"] in gone:
            row["customer_id"] = None
    for customer_id in gone:
        seen.pop((customer_id,), None)


def _put(connection: Connection, table: Table, rows: Mapping[Key, Row], number: int, name: str) -> None:
    own = {"kiosk": name} if "kiosk" in table.c else {}
    made = [{**rows[key], **own, **_numbered(table, rows[key], number)} for key in sorted(rows)]
    if made:
        connection.execute(_upsert(table), made)


def _upsert(table: Table) -> Insert:
    """Inserts a row, or makes the one that is there the same; what headquarters knows better stays."""
    statement = insert_or(table)
    told = statement.excluded
    values: dict[str, Any] = {each.name: told[each.name] for each in table.c if not each.primary_key}
    if table is customer_seen:  # at another kiosk, later
        values["seen_ms"] = func.greatest(table.c.seen_ms, told.seen_ms)
    if table is tables.feedback:  # filed here by hand, for as long as there are words
        filed = func.coalesce(told.filed, table.c.filed)
        values["filed"] = case((told.words == "", None), else_=filed)
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)


def _take_out(connection: Connection, table: Table, keys: tuple[Key, ...], number: int) -> None:
    own = tuple(table.primary_key)
    statement = delete(table)
    for column in own:
        statement = statement.where(column == bindparam(f"key_{column.name}"))
    named = [dict(zip((column.name for column in own), key, strict=True)) for key in keys]
    gone = [{f"key_{name}": value for name, value in (row | _numbered(table, row, number)).items()} for row in named]
    if gone:
        connection.execute(statement, gone)


def _numbered(table: Table, row: Mapping[str, Any], number: int) -> dict[str, int]:
    """The number of a row that a kiosk numbers, as it is here."""
    own: tuple[Column[Any], ...] = tuple(table.primary_key)
    if len(own) > 1 or not isinstance(own[0].type, BigInteger):
        return {}
    return {own[0].name: number * NUMBERS + row[own[0].name]}
