"""Customers who are forgotten: what goes, what stays, and that nothing brings them back; in both databases."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, insert, select

from tests.store.shop import Shop
from walkiosk.store import tables
from walkiosk.store.basket import Basket
from walkiosk.store.conversations import DAY_MILLISECONDS, Conversation, Conversations, KeptTurn
from walkiosk.store.customer_record import record_of
from walkiosk.store.customers import Customer, Customers
from walkiosk.store.editing import Change, Editor
from walkiosk.store.feedback import Feedback
from walkiosk.store.forgetting import Forgotten, forget, forgotten_lines
from walkiosk.store.loading import load_folder, read_loaded_settings
from walkiosk.store.office_tables import edit, forgotten_customer
from walkiosk.store.outcome import NotFound
from walkiosk.store.retention import Retention
from walkiosk.store.sale_book import Sale
from walkiosk.store.sheet import FolderError

NOW = 1_780_000_000_000
ANA = ("Ana García", "García")


def everything(engine: Engine) -> str:
    """All that the database holds, in every table it has, as one text."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        rows = [(table.name, *row) for table in found.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(map(str, rows))


@pytest.fixture
def bought(engine: Engine) -> str:
    """A sale of Ana's, with what she said of it; returns its id."""
    shop = Shop(engine)
    basket = shop.baskets.create("c1")
    assert isinstance(shop.baskets.add(basket.id, "TO-1", 2), Basket)
    reserved = shop.sales.reserve(basket.id)
    assert isinstance(reserved, Sale)
    assert isinstance(shop.sales.pay(reserved.id), Sale)
    shop.delivered(reserved)
    shop.baskets.create("c1")
    Feedback(engine, shop.clock).add(5, "the top spins well", "es", reserved.id)
    Feedback(engine, shop.clock).add(None, "but it is loud", "es", reserved.id)
    Feedback(engine, shop.clock).add(2, "somebody else's words", "en")
    turn = KeptTurn(1, NOW, "the loudest top", "pay", "thanks", "Thank you", None, (), (), reserved.id)
    Conversations(engine, 30).write(Conversation("talk", NOW, NOW, "es", True, (turn,)))
    return reserved.id


def test_a_record_has_everything_but_the_pin(engine: Engine, bought: str) -> None:
    assert isinstance(Customers(engine, lambda: NOW).identify("c1", "1234"), Customer)
    record = record_of(engine, "c1")
    assert not isinstance(record, NotFound)
    told = json.loads(json.dumps(record))
    assert told["profile"] == {
        "name": "Ana García", "language": "es", "tier": "gold", "sizes": {"shirt": "M", "shoes": "42"}, "has_pin": True,
    }  # fmt: skip
    assert told["last_here"] == "2026-05-28T20:26:40+00:00"
    (sale,) = told["sales"]
    assert (sale["state"], sale["captured_cents"], sale["lines"][0]["quantity"]) == ("captured", 2500, 2)
    assert [remark["words"] for remark in told["remarks"]] == ["the top spins well", "but it is loud"]
    assert told["conversations"][0]["turns"][0]["heard"] == "the loudest top"
    assert len(told["baskets"]) == 1
    assert "pin_hash" not in str(told) and "1234" not in str(told)


def test_of_a_stranger_there_is_no_record(engine: Engine) -> None:
    assert record_of(engine, "c9") == NotFound("customer", "c9")


def test_who_is_forgotten_leaves_the_money_alone(engine: Engine, bought: str) -> None:
    Customers(engine).identify("c1", "0000")  # a wrong PIN is counted
    assert forget(engine, "c1", NOW) == Forgotten(True, 1, 2, 1, 0)
    text = everything(engine)
    assert not re.search(r"\bc1\b", text)  # a key drawn by chance may end so
    assert not any(name in text for name in (*ANA, "loud", "spins"))
    assert "somebody else's words" in text
    sale = Shop(engine).sales.sale(bought)
    assert isinstance(sale, Sale)
    assert (sale.customer_id, sale.state, sale.captured_cents) == (None, "captured", 2500)
    with engine.connect() as connection:
        kept = connection.execute(select(tables.feedback.c.stars).order_by(tables.feedback.c.id)).scalars().all()
    assert kept == [5, 2]  # stars are the shop's, words without stars are nobody's
    assert record_of(engine, "c1") == NotFound("customer", "c1")
    assert not forget(engine, "c1", NOW).anything


def test_no_file_brings_back_who_was_forgotten(engine: Engine, film_shop: Path) -> None:
    forget(engine, "c1", NOW)
    forget(engine, "c7", NOW)  # who was never there
    load_folder(engine, film_shop)
    customers = Customers(engine)
    assert customers.customer("c1") == NotFound("customer", "c1") and isinstance(customers.customer("c2"), Customer)
    assert forgotten_lines(engine, film_shop) == ((2, "c1"),)
    assert forgotten_lines(engine, None) == ()


def test_the_list_of_the_forgotten_tells_no_id(engine: Engine) -> None:
    for each in ("c1", "c2", "c1"):
        forget(engine, each, NOW)
    with engine.connect() as connection:
        marks = connection.execute(select(forgotten_customer)).all()
    assert len(marks) == 2 and len({row.salt for row in marks}) == 1
    assert all(len(row.mark) == 64 for row in marks)


def test_the_offices_journal_brings_nobody_back(engine: Engine, film_shop: Path) -> None:
    load_folder(engine, film_shop)
    editor = Editor(engine, film_shop, clock=lambda: NOW)
    row = editor.rows("customers.csv")[0]
    editor.edit("Bob", [Change("customers.csv", row, {**row, "name": "Ana García López"})])
    other = Change("customers.csv", {"id": "c2", "name": "Bo"}, {"id": "c2", "name": "Bo", "tier": "gold"})
    row = editor.rows("customers.csv")[0]
    editor.edit("Bob", [Change("customers.csv", row, None), other])
    record = record_of(engine, "c1")
    assert not isinstance(record, NotFound) and [each["after"] is None for each in record["edits"]] == [False, True]
    assert forget(engine, "c1", NOW).edits == 2
    assert not any(name in everything(engine) for name in ANA)
    last, first = editor.history()
    assert last.changes == (dataclasses.replace(other, place=0),) and "c2" in last.words
    assert first.changes == () and first.words == "customers.csv: somebody who was forgotten"


def test_the_office_gives_nobody_the_id_of_one_who_was_forgotten(engine: Engine, film_shop: Path) -> None:
    load_folder(engine, film_shop)
    editor = Editor(engine, film_shop, clock=lambda: NOW)
    row = editor.rows("customers.csv")[0]
    editor.edit("Bob", [Change("customers.csv", row, None)])
    forget(engine, "c1", NOW)
    before = (film_shop / "customers.csv").read_bytes()
    with pytest.raises(FolderError, match=r"customers\.csv: id: 'c1': somebody with this id was forgotten"):
        editor.edit("Bob", [Change("customers.csv", None, {"id": "c1", "name": "Ana again"})])
    assert (film_shop / "customers.csv").read_bytes() == before
    editor.edit("Bob", [Change("customers.csv", None, {"id": "c1b", "name": "Ana again"})])
    assert isinstance(Customers(engine).customer("c1b"), Customer)


@pytest.mark.parametrize(("days", "left"), [(0, ["old", "new"]), (10, ["", "new"])])
def test_words_of_remarks_go_after_so_many_days(engine: Engine, days: int, left: list[str]) -> None:
    settings = read_loaded_settings(engine)
    assert settings is not None
    Feedback(engine, lambda: NOW - 10 * DAY_MILLISECONDS - 1).add(4, "old")
    Feedback(engine, lambda: NOW - 10 * DAY_MILLISECONDS).add(4, "new")
    keeping = Retention(engine, dataclasses.replace(settings, keep_remarks_days=days), lambda: NOW)
    assert keeping.tidy().remarks == (1 if days else 0)
    assert [remark.words for remark in Feedback(engine).remarks()] == left
    assert keeping.tidy().remarks == 0


def test_customers_who_do_not_come_back_are_forgotten(engine: Engine) -> None:
    settings = read_loaded_settings(engine)
    assert settings is not None
    now = [NOW]
    keeping = Retention(engine, dataclasses.replace(settings, keep_customers_days=30), lambda: now[0])
    with engine.begin() as connection:
        connection.execute(insert(tables.customer).values(id="c3", name="Eve"))
    assert keeping.tidy().customers == ()  # their time begins when they are first seen in the file
    now[0] += 20 * DAY_MILLISECONDS
    assert isinstance(Customers(engine, lambda: now[0]).identify("c1", "1234"), Customer)
    shop = Shop(engine)
    shop.now = now[0]
    assert isinstance(shop.baskets.add(shop.baskets.create("c3").id, "TO-1"), Basket)
    with engine.connect() as connection:
        basket = connection.execute(select(tables.basket.c.id)).scalar_one()
    assert isinstance(shop.sales.reserve(basket), Sale)  # a sale tells that they were here, too
    now[0] += 10 * DAY_MILLISECONDS + 1
    assert keeping.tidy().customers == ("c2",)
    now[0] += 20 * DAY_MILLISECONDS
    assert keeping.tidy().customers == ("c1", "c3")
    assert keeping.tidy().customers == ()


def test_nobody_is_forgotten_unless_the_shop_says_so(engine: Engine) -> None:
    settings = read_loaded_settings(engine)
    assert settings is not None and (settings.keep_customers_days, settings.keep_remarks_days) == (0, 0)
    Retention(engine, settings, lambda: NOW).tidy()
    assert Retention(engine, settings, lambda: NOW + 9999 * DAY_MILLISECONDS).tidy().customers == ()
    with engine.connect() as connection:
        assert connection.execute(select(edit)).all() == []
