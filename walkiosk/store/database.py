"""Opens the shop's database, SQLite or PostgreSQL, and brings its tables up to date."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.pool import QueuePool

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 10_000  # how long a writer waits for another one
UPGRADE_LOCK = 4_771_203  # any number of ours: two kiosks that start at once upgrade one after the other


def open_database(url: str) -> Engine:
    """An engine on `sqlite:///PATH`, `sqlite://` (memory) or `postgresql://…`, its tables made or upgraded.

    SQLite runs with a write-ahead log, full synchronisation and foreign keys. Raises `sqlalchemy.exc.ArgumentError`
    for a URL that is none, `ValueError` for another kind of database.
    """
    address = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    kind = address.get_backend_name()
    if kind == "sqlite":
        options: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
        if address.database in (None, "", ":memory:"):
            options |= {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}  # it lives in its one connection
        engine = create_engine(address, **options)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif kind == "postgresql":
        if find_spec("psycopg") is None:
            raise ValueError(f"{address!r}: its driver is not installed: pip install 'walkiosk[postgres]'")
        engine = create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    else:
        raise ValueError(f"{url!r}: a shop keeps its books in sqlite or postgresql, not in {kind}")
    upgrade(engine)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: pysqlite would delay it past the first read
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write: in SQLite they take their turn at the start, not midway."""
    return engine.execution_options(writes=True)


def upgrade(engine: Engine) -> None:
    """Runs the migrations that this database has not seen."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
