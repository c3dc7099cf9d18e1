"""A kiosk's outbox: which rows of its books headquarters has not confirmed, written by the database itself.

Triggers on every table of SHIPPED write an event in the transaction that changes a row, so no writer of a book can
forget it and none can be half done. An event has an id of its own, a number in order, the table and the row's key, and
nothing of what is in the row: that is read when it is shipped. So the outbox holds no word of a customer's, what was
forgotten or has had its time is not shipped afterwards, and a row that changed often is sent once, as it is now.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, select, text, tuple_, update

from walkiosk.store.database import writing
from walkiosk.store.kiosk_tables import SHIPPED, outbox
from walkiosk.store.office_tables import customer_seen

Row = dict[str, Any]
Key = tuple[str | int, ...]
TABLES = {table.name: table for table in SHIPPED}
NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"  # milliseconds since 1970
EVENTS = "INSERT INTO outbox (id, kind, key, at_ms)"
OLD, NEW = "OLD", "NEW"
WATCHED = {"insert": NEW, "update": NEW, "delete": OLD}


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one row; `kind` is the table."""

    seq: int
    id: str
    kind: str
    key: Key
    at_ms: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order, and the rows they are about as they are now, with those that these hang on, by table.

    `gone` are the keys of rows that were deleted since.
    """

    events: tuple[Event, ...]
    rows: dict[Table, dict[Key, Row]]
    gone: dict[Table, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many events wait, and since when the oldest does; `last_seq` is the number given last, shipped or not."""

    events: int
    oldest_ms: int | None
    last_seq: int


def watch(engine: Engine) -> None:
    """From now on every change of a shipped row is an event, and so is every row that is there already.

    Done again it changes nothing; a table that lost its triggers, by a migration, is sent whole once more. Raises
    `ValueError` for books that are no SQLite.
    """
    if engine.dialect.name != "sqlite":
        raise ValueError("a kiosk that ships to headquarters keeps its own books in sqlite, not in postgresql")
    with engine.connect() as connection:
        if len(_triggers(connection)) == len(SHIPPED) * len(WATCHED):
            return
    with writing(engine).begin() as connection:
        there = _triggers(connection)
        for table in SHIPPED:
            missing = {kind: row for kind, row in WATCHED.items() if f"outbox_{table.name}_{kind}" not in there}
            for kind, row in missing.items():
                event = f"{EVENTS} VALUES ({_event(table, f'{row}.')})"
                sql = f"CREATE TRIGGER outbox_{table.name}_{kind} AFTER {kind} ON {table.name} BEGIN {event}; END"
                connection.exec_driver_sql(sql)
            if missing:
                connection.exec_driver_sql(f"{EVENTS} SELECT {_event(table, '')} FROM {table.name}")


def unwatch(engine: Engine) -> None:
    """Ends it, for a kiosk that has no headquarters any more; what waits is struck off."""
    with engine.connect() as connection:
        if not _triggers(connection):
            return
    with writing(engine).begin() as connection:
        for name in _triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(delete(outbox))


def waiting(connection: Connection) -> Waiting:
    """How much is waiting."""
    count, oldest = connection.execute(select(func.count(), func.min(outbox.c.at_ms))).one()
    last = text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
    return Waiting(count, oldest, connection.execute(last).scalar() or 0)


def read_batch(connection: Connection, limit: int) -> Batch:
    """The oldest events and their rows, within a transaction that sees one state."""
    wanted = select(outbox).order_by(outbox.c.seq).limit(limit)
    events = tuple(
        Event(row.seq, row.id, row.kind, tuple(json.loads(row.key)), row.at_ms) for row in connection.execute(wanted)
    )
    asked: dict[Table, dict[Key, None]] = {table: {} for table in SHIPPED}
    for event in events:
        asked[TABLES[event.kind]][event.key] = None
    rows: dict[Table, dict[Key, Row]] = {}
    gone: dict[Table, tuple[Key, ...]] = {}
    for table in reversed(SHIPPED):  # what hangs on others first
        rows[table] = _rows(connection, table, asked[table])
        gone[table] = tuple(key for key in asked[table] if key not in rows[table])
        for foreign in table.foreign_keys:
            for row in rows[table].values():
                asked[foreign.column.table].setdefault((row[foreign.parent.name],))
    return Batch(events, rows, gone)


def strike_off(connection: Connection, last_seq: int) -> None:
    """Takes the events up to this one out: headquarters has them. Writers take turns, so none of those comes later."""
    connection.execute(delete(outbox).where(outbox.c.seq <= last_seq))


def blank_customer(connection: Connection, customer_id: str) -> None:
    """Takes a customer's id out of events that wait; headquarters hears of the forgetting by its mark."""
    if connection.dialect.name == "sqlite":
        own = (outbox.c.kind == customer_seen.name) & (outbox.c.key == func.json_array(customer_id))
        connection.execute(update(outbox).where(own).values(key='[""]'))


def _event(table: Table, prefix: str) -> str:
    key = ", ".join(f"{prefix}{column.name}" for column in table.primary_key)
    return f"lower(hex(randomblob(16))), '{table.name}', json_array({key}), {NOW}"


def _triggers(connection: Connection) -> frozenset[str]:
    wanted = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'outbox_*'")
    return frozenset(connection.execute(wanted).scalars())


def _rows(connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, Row]:
    own = tuple(table.primary_key)
    wanted = select(table).where(tuple_(*own).in_(list(keys)))
    found = (dict(row) for row in connection.execute(wanted).mappings())
    return {tuple(row[column.name] for column in own): row for row in found}
