"""A kiosk's line to headquarters as its people set it up and use it by hand, and headquarters as its own do."""

import random
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from typer.testing import CliRunner

from tests.store.several_kiosks import Headquarters, Kiosk
from walkiosk.cli import app
from walkiosk.office.desk import Office
from walkiosk.store import FolderError, Store, tables
from walkiosk.store.feedback import Feedback
from walkiosk.store.folder import read_folder
from walkiosk.store.shipping import OFTEN_SECONDS, RARELY_SECONDS, Courier, line_of


def test_the_courier_waits_longer_while_nobody_answers(headquarters: Headquarters, lobby: Kiosk) -> None:
    courier = Courier(lobby.shipper, random.Random(1))
    assert courier.turn() == OFTEN_SECONDS
    there, lobby.shipper.there = lobby.shipper.there, create_engine("postgresql+psycopg://nobody@/x?host=/nowhere")
    waits = [courier.turn() for _ in range(12)]
    assert all(OFTEN_SECONDS <= wait <= RARELY_SECONDS for wait in waits) and max(waits[:2]) < max(waits)
    assert line_of(lobby.engine).error == "OperationalError"
    lobby.shipper.there = there
    assert courier.turn() == OFTEN_SECONDS


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('kiosk = "Lobby 2"', "a name such as lobby-2 expected"),
        ('kiosk = "lobby"\nheadquarters = "postgresql://me:hush@hq/shop"', "a password does not belong in this file"),
        ('kiosk = "lobby"\nheadquarters = "postgresql://hq/shop?password=hush"', "a password does not belong"),
        ('kiosk = "lobby"\nheadquarters = "sqlite:///shop.db"', "postgresql://kiosk@hq.example"),
        ('headquarters = "postgresql://hq/shop"', "kiosk: is missing"),
    ],
)
def test_a_store_toml_that_names_headquarters_wrongly(film_shop: Path, line: str, wrong: str) -> None:
    with (film_shop / "store.toml").open("a") as file:
        file.write(line)
    with pytest.raises(FolderError, match=wrong) as told:
        read_folder(film_shop)
    assert "hush" not in str(told.value)


def test_a_kiosk_keeps_its_own_books_in_sqlite(film_shop: Path, headquarters: Headquarters) -> None:
    with (film_shop / "store.toml").open("a") as file:
        file.write('kiosk = "lobby"\n')
    before = _settings(headquarters.engine)
    with pytest.raises(ValueError, match="keeps its own books in sqlite"):
        Store.open(film_shop, headquarters.url)
    assert _settings(headquarters.engine) == before


def _settings(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(connection.execute(select(tables.setting)))


def test_shipping_by_hand(headquarters: Headquarters, lobby: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    def ship() -> tuple[int, str]:
        books = lobby.engine.url.render_as_string()
        words = ["store", "ship", "--store", str(lobby.folder), "--database", books]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output

    monkeypatch.delenv("WALKIOSK_HEADQUARTERS", raising=False)
    lobby.ship()
    Feedback(lobby.engine).add(4)
    assert ship()[0] == 2 and "this shop has no headquarters" in ship()[1]
    monkeypatch.setenv("WALKIOSK_HEADQUARTERS", "nonsense:hush")
    assert ship() == (2, "walkiosk: headquarters' address is no postgresql://…\n")
    monkeypatch.setenv("WALKIOSK_HEADQUARTERS", "postgresql://nobody:hush@/x?host=/nowhere")
    code, said = ship()
    assert code == 2 and said.startswith("walkiosk: headquarters: ") and "hush" not in said
    monkeypatch.setenv("WALKIOSK_HEADQUARTERS", headquarters.url)
    assert ship() == (0, "1 events shipped, 0 were there before, 0 wait; 0 deliveries, facts as they were\n")
    headquarters.publish(products=("Spinning top,Toys,12.5", "Spinning top,Toys,13.5"))
    assert ship()[1].endswith("0 deliveries, facts loaded\n")
    headquarters.publish(store=('currency = "EUR"', 'currency = "USD"'))
    code, said = ship()
    assert code == 2 and "facts are not loaded: store.toml: currency" in said


def test_headquarters_is_opened_by_its_database_alone(headquarters: Headquarters) -> None:
    office = Office.open(headquarters.url)
    rows = office.editor.rows("products.csv")
    assert rows[0]["sku"] == "OX-41" and "opened by its database alone" in office.editor.why_not
    office.close()
    done = CliRunner().invoke(app, ["customer", "forget", "c1", "--store", headquarters.url])
    assert done.exit_code == 0 and done.output.startswith("c1: the profile deleted")
