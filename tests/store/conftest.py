"""A film shop in both databases: SQLite in a file, and a PostgreSQL of Debian's that the tests start and stop."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine, text

from walkiosk.store import tables
from walkiosk.store.database import open_database
from walkiosk.store.knowledge_graph import KnowledgeGraph
from walkiosk.store.loading import load_folder

if TYPE_CHECKING:
    from tests.store.several_kiosks import Headquarters, Kiosk

FILM_SHOP = Path(__file__).parent / "film_shop"


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not there: apt-get install postgresql")
    return found[-1].parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of our own, on a Unix socket, without a database name."""
    programs = _programs()
    directory = Path(tempfile.mkdtemp(prefix="walkiosk-pg-"))
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if user:
        account = pwd.getpwnam(user)
        os.chown(directory, account.pw_uid, account.pw_gid)
    data = directory / "data"

    def run(*command: str) -> None:
        done = subprocess.run(command, user=user, cwd=directory, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    initdb = ["--username=shop", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    run(str(programs / "initdb"), "-D", str(data), *initdb)
    options = f"-k {directory} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
    run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(directory / "log"), "-o", options, "start")
    yield f"postgresql+psycopg://shop@/%s?host={directory}"
    run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(directory)


def _create(postgres: str, name: str) -> str:
    """The URL of a new database with our tables."""
    admin = create_engine(postgres % "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    open_database(postgres % name).dispose()
    return postgres % name


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> str:
    """The URL of the one database that the tests take turns with: making and removing one each takes a minute."""
    return _create(postgres, "shop")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    database: str = request.getfixturevalue("postgres_database")
    engine = create_engine(database)
    _empty(engine)
    engine.dispose()
    return database


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(tables.metadata.tables)} RESTART IDENTITY"))


@pytest.fixture
def empty(url: str) -> Iterator[Engine]:
    """A database without a shop."""
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """A database with the film shop."""
    load_folder(empty, FILM_SHOP)
    return empty


@pytest.fixture
def film_shop(tmp_path: Path) -> Path:
    """A copy of the film shop's folder that a test may spoil."""
    return Path(shutil.copytree(FILM_SHOP, tmp_path / "film_shop"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_graph(request: pytest.FixtureRequest) -> Iterator[KnowledgeGraph]:
    """The film shop's graph, for tests that only read."""
    if request.param == "sqlite":
        engine = open_database("sqlite://")
    else:
        postgres: str = request.getfixturevalue("postgres")
        engine = open_database(_create(postgres, "shop_to_read"))
    load_folder(engine, FILM_SHOP)
    yield KnowledgeGraph(engine)
    engine.dispose()


@pytest.fixture
def headquarters(postgres_database: str, tmp_path: Path) -> "Iterator[Headquarters]":
    """Headquarters with the film shop loaded."""
    from tests.store.several_kiosks import Headquarters

    engine = open_database(postgres_database)
    _empty(engine)
    folder = Path(shutil.copytree(FILM_SHOP, tmp_path / "headquarters"))
    yield Headquarters(engine, postgres_database, folder)
    engine.dispose()


@pytest.fixture
def lobby(headquarters: "Headquarters", tmp_path: Path) -> "Kiosk":
    """One kiosk with headquarters' facts, and goods in it."""
    from tests.store.several_kiosks import Kiosk, ready

    return ready(Kiosk("lobby", tmp_path, headquarters))
