"""Whether headquarters has what its kiosks wrote: their books against its tables, row by row, and every event once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Table, select

from walkiosk.store import outbox
from walkiosk.store.headquarters import NUMBERS
from walkiosk.store.kiosk_tables import SHIPPED, kiosk, kiosk_event, link_note
from walkiosk.store.office_tables import customer_seen

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]


@dataclass
class Verdict:
    """What was compared, and every way in which the two are not the same."""

    events: dict[str, int] = field(default_factory=dict)  # by kiosk
    rows: dict[str, int] = field(default_factory=dict)  # by table
    faults: list[str] = field(default_factory=list)


def compare(kiosks: Mapping[str, Engine], headquarters: Engine) -> Verdict:
    """Reads all books; nobody may be writing, and everything has to be shipped."""
    verdict = Verdict()
    with headquarters.connect() as there:
        numbers = dict(there.execute(select(kiosk.c.books, kiosk.c.number)).tuples().all())
        expected: dict[Table, Rows] = {table: {} for table in SHIPPED}
        for name, engine in kiosks.items():
            with engine.connect() as here:
                _check_events(verdict, name, here, there)
                for table in SHIPPED:
                    _add(expected[table], table, here, name, numbers[_books(here)])
        for table, rows in expected.items():
            _check_rows(verdict, table, rows, _rows(table, there))
    return verdict


def _books(here: Connection) -> str:
    return here.execute(select(link_note.c.value).where(link_note.c.key == "books")).scalar_one()


def _check_events(verdict: Verdict, name: str, here: Connection, there: Connection) -> None:
    waiting = outbox.waiting(here)
    seqs = there.execute(select(kiosk_event.c.seq).where(kiosk_event.c.books == _books(here))).scalars().all()
    verdict.events[name] = len(seqs)
    if waiting.events:
        verdict.faults.append(f"{name}: {waiting.events} events still wait")
    if sorted(seqs) != list(range(1, waiting.last_seq + 1)):
        verdict.faults.append(f"{name}: {waiting.last_seq} events were written, {len(seqs)} are there")


def _rows(table: Table, connection: Connection) -> Rows:
    wanted = select(table) if "kiosk" not in table.c else select(table).where(table.c.kiosk.is_not(None))
    key = [column.name for column in table.primary_key]
    return {tuple(row[name] for name in key): dict(row) for row in connection.execute(wanted).mappings()}


def _add(rows: Rows, table: Table, here: Connection, name: str, number: int) -> None:
    """The rows of one kiosk as they have to be at headquarters; who was at several was last at the latest."""
    for row in map(dict, here.execute(select(table)).mappings()):
        if "kiosk" in table.c:
            row["kiosk"] = name
        if isinstance(next(iter(table.primary_key)).type, BigInteger):
            row["id"] += number * NUMBERS
        key = tuple(row[column.name] for column in table.primary_key)
        if table is customer_seen and key in rows:
            row["seen_ms"] = max(row["seen_ms"], rows[key]["seen_ms"])
        rows[key] = row


def _check_rows(verdict: Verdict, table: Table, expected: Rows, found: Rows) -> None:
    verdict.rows[table.name] = len(found)
    verdict.faults += [f"{table.name} {key} is not at headquarters" for key in expected.keys() - found.keys()]
    verdict.faults += [f"{table.name} {key} is at headquarters alone" for key in found.keys() - expected.keys()]
    other = [key for key in expected.keys() & found.keys() if expected[key] != found[key]]
    verdict.faults += [f"{table.name} {key}: {expected[key]} here, {found[key]} there" for key in other]
