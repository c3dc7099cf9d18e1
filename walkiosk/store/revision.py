"""The facts as headquarters has them, and how a kiosk takes them: checked as a folder is, loaded whole or not at all.

A revision is what was loaded into headquarters' database last. It comes down as the files that it was read from, so a
kiosk reads and checks them by its own rules; customers come as rows, their PINs hashed. What the kiosk's own store.toml
says counts before headquarters', and stock is what the kiosk's ledger says: a count in a file of headquarters only says
that a product is counted.
"""

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from sqlalchemy import Connection, Engine, insert, select

from walkiosk.store import tables
from walkiosk.store.database import writing
from walkiosk.store.folder import STAYING, Folder, fingerprint, read_folder
from walkiosk.store.kiosk_tables import fact_file
from walkiosk.store.loading import FACTS_OF, keep_sources, loaded_fingerprint, put_facts
from walkiosk.store.seen import forgotten_among
from walkiosk.store.settings import FILE, OWN
from walkiosk.store.sheet import FolderError, Problem

KEY = "revision"  # of `setting`: the fingerprint of headquarters' folder
COMING_DOWN = frozenset(FACTS_OF) - frozenset(STAYING)
Rows = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """The files by name, and the rows of customers and their sizes; None leaves the kiosk's customers as they are."""

    mark: str
    files: Mapping[str, str]
    people: tuple[Rows, Rows] | None = None


def latest_mark(connection: Connection) -> str | None:
    """At headquarters: the mark of what was loaded last; None before anything was."""
    own = tables.setting.c.key == "fingerprint"
    return connection.execute(select(tables.setting.c.value).where(own)).scalar()


def latest(connection: Connection) -> Revision | None:
    """At headquarters: what was loaded last, within a transaction that sees one state."""
    mark, files = latest_mark(connection), _files(connection)
    if mark is None or FILE not in files:
        return None
    people = tables.customer, tables.customer_size
    customers, sizes = (tuple(dict(row) for row in connection.execute(select(each)).mappings()) for each in people)
    return Revision(mark, files, (customers, sizes))


def taken_mark(engine: Engine) -> str | None:
    """At a kiosk: the revision that it sells by; None when its facts are its own."""
    with engine.connect() as connection:
        own = tables.setting.c.key == KEY
        return connection.execute(select(tables.setting.c.value).where(own)).scalar()


def loaded_state(engine: Engine) -> tuple[str | None, str | None]:
    """What the facts in a database come from: another pair means other facts."""
    return loaded_fingerprint(engine), taken_mark(engine)


def loaded_files(engine: Engine) -> dict[str, str]:
    """The files that the facts were read from, by name, where they are kept: at headquarters and its kiosks."""
    with engine.connect() as connection:
        return _files(connection)


def kept(engine: Engine) -> Revision | None:
    """At a kiosk: the revision that it took last, to be loaded again with another store.toml of its own."""
    mark = taken_mark(engine)
    return None if mark is None else Revision(mark, loaded_files(engine))


def take(engine: Engine, own: Path, revision: Revision) -> Folder:
    """Loads a revision into the books of the kiosk with this folder, in one transaction.

    Raises `FolderError` with what is wrong with it, and changes nothing.
    """
    mark = fingerprint(own)
    with tempfile.TemporaryDirectory(prefix="walkiosk-revision-") as made:
        place = Path(made)
        for name in COMING_DOWN & revision.files.keys():
            (place / name).write_bytes(revision.files[name].encode())
        (place / FILE).write_text(_settings(own, revision.files[FILE]), encoding="utf-8")
        folder = read_folder(place)
    skus = [row.cells["sku"] for row in folder.products]
    with writing(engine).begin() as connection:
        put_facts(connection, folder, mark, COMING_DOWN, as_booked=skus)
        connection.execute(insert(tables.setting).values(key=KEY, value=revision.mark))
        keep_sources(connection, revision.files)
        if revision.people is not None:
            _put_people(connection, *revision.people)
    return folder


def _files(connection: Connection) -> dict[str, str]:
    return {name: content for name, content in connection.execute(select(fact_file.c.name, fact_file.c.content))}


def _settings(own: Path, theirs: str) -> str:
    """Headquarters' store.toml with this kiosk's in front of it; raises `FolderError` where they cannot go together."""
    try:
        mine = tomllib.loads((own / FILE).read_bytes().decode("utf-8-sig"))
        shared = tomllib.loads(theirs.removeprefix("\ufeff"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FolderError([Problem(FILE, 0, "", "", f"cannot be read: {error}")]) from error
    if mine.get("currency") != shared.get("currency"):
        reason = f"headquarters' prices are in {shared.get('currency')}"
        raise FolderError([Problem(FILE, 0, "currency", str(mine.get("currency", "")), reason)])
    return tomlkit.dumps({key: value for key, value in shared.items() if key not in OWN} | mine)


def _put_people(connection: Connection, customers: Rows, sizes: Rows) -> None:
    connection.execute(tables.customer_size.delete())
    connection.execute(tables.customer.delete())
    gone = forgotten_among(connection, [row["id"] for row in customers])
    there = [row for row in customers if row["id"] not in gone]
    known = {row["id"] for row in there}
    if there:
        connection.execute(insert(tables.customer), there)
    if worn := [row for row in sizes if row["customer_id"] in known]:
        connection.execute(insert(tables.customer_size), worn)
