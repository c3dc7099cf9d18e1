"""Kiosks with books of their own and headquarters' PostgreSQL, in one process, and lines between them that break."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from bench.several_kiosks.books import Verdict, compare
from tests.store.conftest import FILM_SHOP
from tests.store.shop import Shop
from walkiosk.store import Store
from walkiosk.store.loading import load_folder
from walkiosk.store.shipping import Shipped, Shipper

GOODS = {"TO-1": "B2", "OX-42": "A2", "LP-1": "B3"}  # and their slots


class Headquarters:
    """A folder that is published, and the database that kiosks ship to."""

    def __init__(self, engine: Engine, url: str, folder: Path) -> None:
        self.engine, self.url, self.folder = engine, url, folder
        self.publish()

    def publish(self, **changes: tuple[str, str]) -> None:
        """Loads the folder, some of its files changed: name without ending → what there is, and what is to be."""
        for name, (before, after) in changes.items():
            (path,) = self.folder.glob(f"{name}.*")
            content = path.read_text()
            assert before in content
            path.write_text(content.replace(before, after))
        load_folder(self.engine, self.folder)


class Kiosk:
    """One kiosk: a folder with nothing but its store.toml, its books, its devices, its line."""

    def __init__(self, name: str, place: Path, headquarters: Headquarters, more: str = "") -> None:
        self.name, self.headquarters = name, headquarters
        self.folder = place / name
        self.folder.mkdir()
        shutil.copy(FILM_SHOP / "store.toml", self.folder)
        with (self.folder / "store.toml").open("a") as file:
            file.write(f'kiosk = "{name}"\n{more}\n')
        self.open()

    def open(self) -> None:
        """Begins, or begins again."""
        self.store = Store.open(self.folder, f"sqlite:///{self.folder / 'books.db'}")
        self.now = 1_780_000_000_000
        self.shipper = Shipper(self.store.engine, self.name, self.folder, self.headquarters.url, lambda: self.now)

    def begin_again(self) -> None:
        """Stops and starts, as a machine does."""
        self.store.close()
        self.open()

    def ship(self) -> Shipped:
        """Looks at headquarters once."""
        return self.shipper.ship()

    @property
    def engine(self) -> Engine:
        """Its books."""
        return self.store.engine

    @property
    def shop(self) -> Shop:
        """Its till, with the facts and settings of now."""
        made = Shop(self.engine)
        made.now = self.now
        return made

    def fill(self, *skus: str, units: int = 20) -> None:
        """Somebody counts goods in."""
        for sku in skus:
            self.store.inventory.count(f"count:{self.name}:{sku}:{units}", sku, units)


def ready(made: Kiosk) -> Kiosk:
    """A kiosk with headquarters' facts, and goods in it."""
    made.ship()
    made.fill(*GOODS)
    return made


def verdict(headquarters: Headquarters, *kiosks: Kiosk) -> Verdict:
    """All books against headquarters' tables."""
    return compare({each.name: each.engine for each in kiosks}, headquarters.engine)


@contextmanager
def answer_lost(shipper: Shipper) -> Iterator[None]:
    """Headquarters commits, and the line is dead before the answer is here."""
    with _commit(shipper, lambda line: (line.commit(), line.close(), line.commit())):
        yield


@contextmanager
def cut_before_commit(shipper: Shipper) -> Iterator[None]:
    """The line is dead before headquarters hears that it should commit."""
    with _commit(shipper, lambda line: (line.close(), line.commit())):
        yield


@contextmanager
def _commit(shipper: Shipper, instead: Callable[[Any], object]) -> Iterator[None]:
    dialect = shipper.there.dialect
    commit = dialect.do_commit
    dialect.do_commit = lambda connection: instead(connection.dbapi_connection)  # type: ignore[method-assign,assignment,attr-defined]
    try:
        yield
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]


@contextmanager
def cut_at(shipper: Shipper, headquarters: Headquarters, number: int) -> Iterator[list[int]]:
    """The server ends the session behind its n-th statement; what is given has a place for each that was."""
    passed: list[int] = []

    def cut(connection: Any, *_: object) -> None:
        passed.append(len(passed) + 1)
        if len(passed) == number:
            pid = connection.connection.driver_connection.info.backend_pid
            with headquarters.engine.begin() as admin:
                admin.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})

    event.listen(shipper.there, "after_cursor_execute", cut)
    try:
        yield passed
    finally:
        event.remove(shipper.there, "after_cursor_execute", cut)
