"""`walkiosk customer` and `walkiosk store tidy`: what an operator reads, and what is gone afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from walkiosk.cli import app
from walkiosk.store import Store
from walkiosk.store.conversations import DAY_MILLISECONDS
from walkiosk.store.customers import Customer, now_ms
from walkiosk.store.feedback import Feedback
from walkiosk.store.outcome import NotFound
from walkiosk.store.seen import note_seen


@pytest.fixture
def books(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"


def run(books: str, folder: Path, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--store", str(folder), "--database", books])


def test_what_is_held_is_handed_out_as_json(books: str, film_shop: Path) -> None:
    done = run(books, film_shop, "customer", "export", "c1")
    assert done.exit_code == 0 and json.loads(done.stdout)["profile"]["name"] == "Ana García"
    nobody = run(books, film_shop, "customer", "export", "c9")
    assert (nobody.exit_code, nobody.stdout) == (2, "")
    assert nobody.stderr == "walkiosk: 'c9': nothing is held about such a customer\n"


def test_who_is_forgotten_stays_so_and_the_line_is_named(books: str, film_shop: Path) -> None:
    done = run(books, film_shop, "customer", "forget", "c1")
    first, second = done.stdout.splitlines()
    assert done.exit_code == 0 and first.startswith("c1: the profile deleted, 0 sales")
    assert second.startswith(f"{film_shop / 'customers.csv'}:2: delete this line too")
    assert run(books, film_shop, "customer", "export", "c1").exit_code == 2
    (film_shop / "offers.csv").write_text("sku,percent_off\nTO-1,5\n")  # so that it is loaded anew
    loaded = CliRunner().invoke(app, ["store", "load", str(film_shop), "--database", books])
    assert loaded.exit_code == 0 and "customers.csv:2" in loaded.stderr
    store = Store.open(film_shop, books)
    assert store.customers.customer("c1") == NotFound("customer", "c1")
    assert isinstance(store.customers.customer("c2"), Customer)
    store.close()
    again = run(books, film_shop, "customer", "forget", "c1")
    assert again.stdout.splitlines()[-1].startswith(f"{film_shop / 'customers.csv'}:2")
    assert "nothing was held" in run(books, film_shop, "customer", "forget", "c7").stdout


def test_tidying_by_hand(books: str, film_shop: Path) -> None:
    with (film_shop / "store.toml").open("a") as settings:
        settings.write("keep_remarks_days = 1\nkeep_customers_days = 1\n")
    store = Store.open(film_shop, books)
    long_ago = now_ms() - 2 * DAY_MILLISECONDS
    Feedback(store.engine, lambda: long_ago).add(4, "old words")
    with store.engine.begin() as connection:
        note_seen(connection, "c2", long_ago)
    store.close()
    done = run(books, film_shop, "store", "tidy")
    assert done.exit_code == 0
    first, second = done.stdout.splitlines()
    assert first == "deleted: 0 conversations, the words of 1 remarks, 1 customers"
    assert second.startswith(f"{film_shop / 'customers.csv'}:3: delete this line too")
    assert run(books, film_shop, "store", "tidy").stdout.startswith("deleted: 0 conversations, the words of 0 remarks")


@pytest.mark.parametrize("words", [("customer", "export", "c1"), ("customer", "forget", "c1"), ("store", "tidy")])
def test_mistakes_are_told_in_a_line(film_shop: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    for books, folder in (("mysql://u@h/d", film_shop), ("sqlite://", tmp_path / "nowhere")):
        done = run(books, folder, *words)
        assert done.exit_code == 2 and done.stdout == "" and done.stderr.startswith("walkiosk: ")
