"""The shop's files are edited while customers are there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.conftest import FILM_SHOP
from tests.kiosk.script import PEOPLE, SHOES, SHOES_SAID, Script
from walkiosk.kiosk import Kiosk, Skills, Turn
from walkiosk.store import Store
from walkiosk.store.editing import Change, Editor, removal
from walkiosk.store.sale_book import Sale

OXFORD = "OX-42"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FILM_SHOP, tmp_path / "film_shop"))


@pytest.fixture
def kiosk(folder: Path, tmp_path: Path, script: Script) -> Iterator[Kiosk]:
    script.ask(SHOES_SAID, SHOES, *PEOPLE)
    store = Store.open(folder, f"sqlite:///{tmp_path / 'own.db'}")
    yield Kiosk(store, script.skills())
    store.close()


@pytest.fixture
def desk(kiosk: Kiosk, folder: Path) -> Editor:
    return Editor(kiosk.shop.store.engine, folder, kiosk.renew)


def change(desk: Editor, sku: str, **cells: str) -> None:
    row = next(row for row in desk.rows("products.csv") if row["sku"] == sku)
    desk.edit("Ana", [Change("products.csv", row, {**row, **cells})])


def test_who_is_here_sees_the_new_price_with_the_next_turn_and_a_sale_keeps_its_own(kiosk: Kiosk, desk: Editor) -> None:
    session = kiosk.start()
    card = kiosk.answer(Turn(session, SHOES_SAID)).cards[0]
    kiosk.answer(Turn(session, action="choose 1 size=42 quantity=1"))
    buyer = kiosk.start()
    kiosk.answer(Turn(buyer, SHOES_SAID))
    kiosk.answer(Turn(buyer, action="choose 1 size=42 quantity=1"))
    kiosk.answer(Turn(buyer, action="checkout"))
    kiosk.answer(Turn(buyer, action="pay"))
    held = kiosk._sessions[buyer].sale_id
    assert held is not None
    told = kiosk.shop.store.sales.sale(held)
    for sku in ("OX-41", "OX-42", "OX-43"):
        change(desk, sku, price="999.00")
    reply = kiosk.answer(Turn(session, action="smalltalk"))
    assert (card.price_cents, reply.cards[0].price_cents) == (8_990, 99_900)
    list(kiosk.pay(buyer))
    sale = kiosk.shop.store.sales.sale(held)
    assert isinstance(sale, Sale) and isinstance(told, Sale)
    assert (sale.state, sale.captured_cents, sale.lines[0].list_cents) == ("captured", told.total_cents, 8_990)


def test_what_was_taken_out_leaves_the_screen_and_what_is_new_is_found(kiosk: Kiosk, desk: Editor) -> None:
    session = kiosk.start()
    assert kiosk.answer(Turn(session, SHOES_SAID)).cards
    for sku in ("OX-41", "OX-42", "OX-43"):
        row = next(row for row in desk.rows("products.csv") if row["sku"] == sku)
        desk.edit("Ana", removal(desk, "products.csv", row))
    assert kiosk.answer(Turn(session, action="smalltalk")).cards == ()
    top = next(row for row in desk.rows("products.csv") if row["sku"] == "TO-1")
    desk.edit("Ana", [Change("products.csv", top, {**top, "name": "Kaleidoscope"})])
    best = kiosk.shop.store.linker.link("kaleidoscope").best
    assert best is not None and best.nodes == ("sku:TO-1",)


def test_an_edit_by_another_program_is_there_for_the_next_customer(kiosk: Kiosk, desk: Editor) -> None:
    desk.renewed = lambda: None
    row = next(row for row in desk.rows("store.toml") if row["key"] == "name")
    desk.edit("Ana", [Change("store.toml", row, {"key": "name", "value": '"Cinema shop"'})])
    assert kiosk.name == "Film shop"
    assert "Cinema shop" in kiosk.greet(kiosk.start()).text


def test_a_shop_that_the_model_has_no_room_for_is_not_taken_over(
    kiosk: Kiosk, desk: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise ValueError("too many types")

    monkeypatch.setattr(Skills, "of", no_room)
    kiosk.model = object()  # type: ignore[assignment]
    before = kiosk.shop
    change(desk, "TO-1", price="1.00")
    kiosk.start()
    assert kiosk.shop is before
