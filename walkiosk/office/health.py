"""How the shop's machine is: devices, disk, database, sales without an end, weights, voices, versions."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from walkiosk.skill import SKILLS, untrained, weights_folder
from walkiosk.skill.speech_generation import Speaker
from walkiosk.store import Store, tables
from walkiosk.store.dispenser import DispenserUnreachable
from walkiosk.store.folder import fingerprint
from walkiosk.store.loading import loaded_fingerprint
from walkiosk.store.payment import ProviderUnreachable
from walkiosk.store.sale_book import UNFINISHED

ASKED = "health"  # a key that no sale has: a device that answers to it is there
LEAST_FREE = 1 << 30  # bytes of a disk
PACKAGES = ("walkiosk", "onnxruntime", "numpy", "sqlalchemy", "nicegui", "fastapi")


@dataclass(frozen=True, slots=True)
class Device:
    """A device by its class, and whether it answers."""

    kind: str
    name: str
    answers: bool


@dataclass(frozen=True, slots=True)
class Database:
    """Where the books are, what the database itself says of them, and their size in bytes, None where unknown."""

    address: str
    sound: bool
    said: str
    size: int | None
    revision: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Sales without an end, when the oldest of them began, and what was asked of a device and not answered."""

    sales: int
    oldest_ms: int | None
    questions: int
    reconciled_ms: int | None  # None: not in this process, which then is not the kiosk's


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that the page shows; sizes in bytes."""

    devices: tuple[Device, ...]
    database: Database
    disk_free: int
    disk_size: int
    unfinished: Unfinished
    folder: str
    folder_is_loaded: bool
    weights: str
    weights_size: int
    skills: dict[str, bool]
    voices: dict[str, str | None]
    versions: dict[str, str]

    @property
    def disk_is_full(self) -> bool:
        """Whether too little is left to write books."""
        return self.disk_free < LEAST_FREE


def look(store: Store, folder: Path | None = None) -> Health:
    """Looks at everything once; `folder` is that of the weights, where it is not the usual one."""
    place = _weights(folder)
    free, size = disk(store)
    return Health(
        _devices(store),
        _database(store.engine),
        free,
        size,
        _unfinished(store),
        str(store.folder or "–"),
        _is_loaded(store),
        str(place or "–"),
        sum(file.stat().st_size for file in place.iterdir() if file.is_file()) if place else 0,
        {name: place is not None and name not in untrained(place) for name in SKILLS},
        _voices(store, place),
        _versions(store.engine),
    )


def reader_answers(store: Store) -> bool:
    """Whether the payment provider answers a question that changes nothing."""
    try:
        store.sales.provider.look(ASKED)
    except ProviderUnreachable:
        return False
    return True


def dispenser_answers(store: Store) -> bool:
    """Whether the dispenser answers."""
    try:
        store.sales.dispenser.outcome(ASKED)
    except DispenserUnreachable:
        return False
    return True


def _devices(store: Store) -> tuple[Device, ...]:
    sales = store.sales
    return (
        Device("card_reader", type(sales.provider).__name__, reader_answers(store)),
        Device("dispenser", type(sales.dispenser).__name__, dispenser_answers(store)),
    )


def _database(engine: Engine) -> Database:
    with engine.connect() as connection:
        revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
        if engine.dialect.name == "sqlite":
            said = str(connection.execute(text("PRAGMA quick_check(3)")).scalar())
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            size = int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        else:
            said = "ok" if connection.execute(text("SELECT 1")).scalar() == 1 else "?"
            size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return Database(engine.url.render_as_string(), said == "ok", said, size, revision)


def disk(store: Store) -> tuple[int, int]:
    """Free and all bytes of the disk that the books are on, else of the one that we run on."""
    file = store.engine.url.database if store.engine.dialect.name == "sqlite" else None
    place = Path(file).parent if file and file != ":memory:" else Path.home()
    usage = shutil.disk_usage(place if place.is_dir() else "/")
    return usage.free, usage.total


def _unfinished(store: Store) -> Unfinished:
    sale, arrow = tables.sale, tables.sale_arrow
    own = select(func.count(), func.min(sale.c.created_ms)).where(sale.c.state.in_(UNFINISHED))
    with store.engine.connect() as connection:
        count, oldest = connection.execute(own).one()
        questions = connection.execute(select(func.count()).where(arrow.c.outcome.is_(None))).scalar_one()
    return Unfinished(count, oldest, questions, store.sales.reconciled_ms)


def _is_loaded(store: Store) -> bool:
    """Whether the books hold what is in the folder; a shop without a folder has nothing else."""
    return store.folder is None or fingerprint(store.folder) == loaded_fingerprint(store.engine)


def _weights(folder: Path | None) -> Path | None:
    try:
        return weights_folder(folder)
    except FileNotFoundError:
        return None


def _voices(store: Store, place: Path | None) -> dict[str, str | None]:
    speaker = Speaker.load(place) if place else Speaker()
    return {language: speaker.voice(language) for language in store.settings.languages}


def _versions(engine: Engine) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    with engine.connect() as connection:
        question = "SELECT sqlite_version()" if engine.dialect.name == "sqlite" else "SHOW server_version"
        found[engine.dialect.name] = str(connection.execute(text(question)).scalar())
    return found
