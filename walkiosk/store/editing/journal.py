"""The journal of edits: who changed what and when, so that it can be read and taken back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from walkiosk.store.editing.change import Change, public
from walkiosk.store.office_tables import edit


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed in one go; no `changes` are a folder changed by hand, which cannot be taken back."""

    id: int
    at_ms: int
    who: str
    words: str
    changes: tuple[Change, ...]
    undoes: int | None = None


def write_down(
    connection: Connection, at_ms: int, who: str, words: str, changes: Iterable[Change], undoes: int | None, mark: str
) -> Edit:
    """Writes an edit down that is about to be made; its secret cells are left out."""
    kept = tuple(Change(c.file, public(c.file, c.before), public(c.file, c.after), c.place) for c in changes)
    rows = json.dumps([[c.file, c.before, c.after, c.place] for c in kept], ensure_ascii=False)
    values = {"at_ms": at_ms, "who": who, "words": words, "changes": rows, "undoes": undoes, "mark": mark}
    made = connection.execute(insert(edit).values(**values, applied=False))
    number = made.inserted_primary_key
    assert number is not None
    return Edit(number[0], at_ms, who, words, kept, undoes)


def note_applied(connection: Connection, mark: str) -> None:
    """Notes that the folder is at `mark`: the edit that leads there was made, others that wait never will be."""
    waiting = edit.c.applied.is_(False)
    last = select(func.max(edit.c.id)).where(waiting, edit.c.mark == mark).scalar_subquery()
    connection.execute(update(edit).where(edit.c.id == last).values(applied=True))
    connection.execute(delete(edit).where(waiting))


def waiting_marks(connection: Connection) -> frozenset[str]:
    """The fingerprints that edits were to lead to of which we do not know whether they were made."""
    return frozenset(connection.execute(select(edit.c.mark).where(edit.c.applied.is_(False))).scalars())


def read_edit(connection: Connection, number: int) -> Edit | None:
    """An edit that was made."""
    row = connection.execute(select(edit).where(edit.c.id == number, edit.c.applied)).one_or_none()
    return _edit(row) if row else None


def read_edits(connection: Connection, before: int | None = None, limit: int = 100) -> tuple[Edit, ...]:
    """Edits that were made, the latest first; those older than edit `before` when it is given."""
    wanted = select(edit).where(edit.c.applied).order_by(edit.c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(edit.c.id < before)
    return tuple(map(_edit, connection.execute(wanted)))


def edits_after(connection: Connection, number: int) -> tuple[Edit, ...]:
    """Edits that were made after one, the earliest first."""
    return tuple(map(_edit, connection.execute(select(edit).where(edit.c.applied, edit.c.id > number).order_by("id"))))


def _edit(row: Row[tuple[object, ...]]) -> Edit:
    changes = tuple(Change(*each) for each in json.loads(row.changes))
    return Edit(row.id, row.at_ms, row.who, row.words, changes, row.undoes)
