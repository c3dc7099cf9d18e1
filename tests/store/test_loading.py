"""Loading a folder into a database, again and again, and the tables it goes into."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select, text

from walkiosk.store import FolderError, tables
from walkiosk.store.catalogue import Catalogue
from walkiosk.store.database import open_database
from walkiosk.store.inventory import Inventory
from walkiosk.store.loading import load_folder, loaded_fingerprint, read_loaded_settings


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
        }


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_migrations_make_the_tables(empty: Engine) -> None:
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_database("mysql://shop@localhost/shop")


def test_loading_twice_changes_nothing(engine: Engine, film_shop: Path) -> None:
    before = counts(engine)
    assert before["edge"] == 43
    load_folder(engine, film_shop)
    assert counts(engine) == before


def test_a_bad_row_loads_nothing(engine: Engine, film_shop: Path) -> None:
    before, mark = counts(engine), loaded_fingerprint(engine)
    replace(film_shop, "products.csv", "TO-1,Spinning top,Toys,12.5", "TO-1,Spinning top,Toys,a lot")
    with pytest.raises(FolderError):
        load_folder(engine, film_shop)
    assert (counts(engine), loaded_fingerprint(engine)) == (before, mark)


def test_facts_are_replaced(engine: Engine, film_shop: Path) -> None:
    replace(film_shop, "products.csv", "TO-1,Spinning top,Toys,12.5", "TO-1,Golden top,Toys,13.5")
    replace(film_shop, "store.toml", "Film shop", "Cinema shop")
    load_folder(engine, film_shop)
    top = Catalogue(engine).products(["TO-1"])["TO-1"]
    assert (top.name, top.price_cents) == ("Golden top", 1350)
    settings = read_loaded_settings(engine)
    assert settings is not None
    assert settings.name == "Cinema shop"


def test_stock_follows_the_ledger_until_the_file_counts_anew(engine: Engine, film_shop: Path) -> None:
    inventory = Inventory(engine)
    assert inventory.available_of(["TO-1", "OX-43", "CA-1", "nope"]) == {"TO-1": 20, "OX-43": 0, "CA-1": None}
    assert inventory.book("sold-1", "TO-1", -3, "sale")
    assert not inventory.book("sold-1", "TO-1", -3, "sale")  # reported twice, booked once
    load_folder(engine, film_shop)
    assert inventory.available("TO-1") == 17  # the file still says 20, as it did before the sale
    replace(film_shop, "products.csv", "TO-1,Spinning top,Toys,12.5,,,,20", "TO-1,Spinning top,Toys,12.5,,,,30")
    load_folder(engine, film_shop)
    assert inventory.available("TO-1") == 30
    with engine.connect() as connection:
        moved = select(func.sum(tables.stock_movement.c.quantity)).where(tables.stock_movement.c.sku == "TO-1")
        assert connection.execute(moved).scalar() == 30


def test_sizes_and_languages(engine: Engine) -> None:
    catalogue = Catalogue(engine)
    assert [p.size for p in catalogue.sizes("OX-42")] == ["41", "42", "43"]
    found = catalogue.in_size("sku:OX-41", "43", "es")
    assert (getattr(found, "sku", None), getattr(found, "name", None)) == ("OX-43", "Zapato oxford marrón")
    assert [p.sku for p in catalogue.all()][:4] == ["OX-41", "OX-42", "OX-43", "BO-42"]
