"""Goods, knowledge, customers and settings edited in the browser: kept, refused with the reason, taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.office.conftest import LAPTOP, PHONE
from walkiosk.office.desk import Office
from walkiosk.store.editing import Change

ITEM = "/catalogue/item?sku=TO-1"
PAGES = (
    "/catalogue", ITEM, "/catalogue/new", "/offers", "/graph", "/graph/entity?id=inception", "/graph/new", "/customers",
    "/customers/person?id=c1", "/settings", "/history", "/health",
)  # fmt: skip
BEYOND_THE_EDGE = """[...document.querySelectorAll("main *")].filter(element =>
    element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
    .map(element => element.outerHTML.slice(0, 90))"""


def text_of(folder: Path, file: str) -> str:
    return (folder / file).read_text()


def kept(page: Page, what: str) -> None:
    expect(page.get_by_role("status").filter(has_text="Kept:")).to_contain_text(what)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").first.click()


def test_a_price_is_changed_refused_and_taken_back(owner: Page, office: Office, shop_folder: Path) -> None:
    before = text_of(shop_folder, "products.csv")
    owner.goto(ITEM)
    owner.get_by_label("Price").fill("a lot")
    save(owner)
    expect(owner.get_by_role("alert").first).to_contain_text("products.csv:")
    expect(owner.locator(".field", has_text="Price").locator(".wrong")).to_contain_text("an amount such as 89.90")
    expect(owner.get_by_label("Price")).to_have_value("a lot")  # what was typed is still there
    assert text_of(shop_folder, "products.csv") == before
    owner.get_by_label("Price").fill("13.00")
    save(owner)
    kept(owner, "TO-1: price 12.5 → 13.00")
    expect(owner.get_by_label("Price")).to_have_value("13.00")
    assert office.store.catalogue.products(["TO-1"])["TO-1"].price_cents == 1300
    owner.goto("/history")
    expect(owner.get_by_role("article")).to_contain_text("TO-1: price 12.5 → 13.00")
    owner.get_by_role("button", name="Take back").click()
    kept(owner, "taken back: ")
    expect(owner.get_by_role("button", name="Do again")).to_be_visible()
    assert text_of(shop_folder, "products.csv") == before


def test_stock_is_booked_once_and_the_file_stays(owner: Page, office: Office, shop_folder: Path) -> None:
    before = text_of(shop_folder, "products.csv")
    owner.goto(ITEM)
    owner.get_by_label("Units").fill("17")
    owner.get_by_role("button", name="Counted").click()
    owner.get_by_role("button", name="Book").dblclick()
    expect(owner.locator(".figure-value").first).to_have_text("17")
    owner.get_by_label("Units").fill("2")
    owner.get_by_role("button", name="Write off").click()
    owner.get_by_role("button", name="Book").click()
    expect(owner.locator(".figure-value").first).to_have_text("15")
    assert office.store.inventory.available("TO-1") == 15
    assert text_of(shop_folder, "products.csv") == before


def test_an_edge_is_found_added_and_refused(owner: Page, shop_folder: Path) -> None:
    owner.goto("/graph?q=memento")
    owner.get_by_role("link", name="Memento").click()
    expect(owner.get_by_role("heading", name="Memento · film")).to_be_visible()
    relation = owner.get_by_label("Relation")
    relation.select_option(value="< acted_in")
    owner.get_by_label("Name, id or value").fill("Hardy")
    owner.get_by_role("button", name="Find").click()
    owner.get_by_role("button", name="Tom Hardy").click()
    kept(owner, "hardy acted_in memento added")
    expect(owner.get_by_role("row", name=re.compile("Tom Hardy"))).to_be_visible()
    assert "hardy,acted_in,memento" in text_of(shop_folder, "edges.csv")
    relation.select_option(value="> released")
    owner.get_by_label("Name, id or value").fill("long ago")
    owner.get_by_role("button", name="Find").click()
    expect(owner.get_by_text(re.compile(r"edges\.csv:\d+: object: 'long ago'"))).to_be_visible()
    assert "long ago" not in text_of(shop_folder, "edges.csv")


def test_a_thing_goes_with_its_edges(owner: Page, shop_folder: Path) -> None:
    owner.goto("/graph/entity?id=hardy")
    owner.get_by_role("button", name="Remove").last.click()
    owner.get_by_role("dialog").get_by_role("button", name="Remove").click()
    kept(owner, "hardy removed; and 4 rows with it")
    assert "hardy" not in text_of(shop_folder, "entities.csv") + text_of(shop_folder, "edges.csv")


def test_a_pin_is_set_and_shown_nowhere(owner: Page, office: Office, shop_folder: Path) -> None:
    owner.goto("/customers?q=bo")
    owner.get_by_role("link", name="Bo").click()
    expect(owner.get_by_text("No PIN is set.")).to_be_visible()
    owner.get_by_label("New PIN").fill("12")
    owner.get_by_role("button", name="Set the PIN").click()
    expect(owner.get_by_text("4 to 12 digits expected")).to_be_visible()
    owner.get_by_label("New PIN").fill("987654")
    owner.get_by_role("button", name="Set the PIN").click()
    kept(owner, "c2: pin set")
    assert getattr(office.store.customers.identify("c2", "987654"), "name", "") == "Bo"
    for path in ("/customers/person?id=c2", "/history"):
        owner.goto(path)
        expect(owner.locator("main h1")).to_be_visible()
        assert "987654" not in owner.content()


def test_settings_are_checked_like_the_file(owner: Page, office: Office, shop_folder: Path) -> None:
    owner.goto("/settings")
    owner.get_by_label("service_level").fill("2")
    owner.get_by_label("currency").fill("euro")
    save(owner)
    expect(owner.get_by_text("a number from 0.5 to 0.9999 expected").first).to_be_visible()
    owner.get_by_label("service_level").fill("0.9")
    owner.get_by_label("currency").fill("USD")
    save(owner)
    kept(owner, "currency")
    expect(owner.get_by_label("currency")).to_have_value("USD")
    assert (office.store.settings.currency, office.store.settings.service_level) == ("USD", 0.9)


def test_files_changed_outside_are_loaded_before_anything_else(owner: Page, shop_folder: Path) -> None:
    path = shop_folder / "products.csv"
    path.write_text(path.read_text().replace("Spinning top", "Golden top"))
    owner.goto(ITEM)
    expect(owner.get_by_role("button", name="Save")).to_have_count(0)
    owner.get_by_role("button", name="Load the files").click()
    expect(owner.get_by_label("Name", exact=True)).to_have_value("Golden top")


def test_a_shop_without_its_folder_says_so(owner: Page, office: Office) -> None:
    office.store = replace(office.store, folder=None)
    for path in (ITEM, "/graph/entity?id=hardy", "/customers/person?id=c1", "/offers", "/settings"):
        owner.goto(path)
        expect(owner.get_by_text("by its database alone")).to_be_visible()
    owner.goto("/catalogue?q=spinning")
    expect(owner.get_by_role("link", name="Spinning top")).to_be_visible()


def test_a_clerk_reads_and_changes_nothing(clerk: Page) -> None:
    for path, seen in ((ITEM, "Spinning top"), ("/graph/entity?id=hardy", "Tom Hardy"), ("/settings", "currency")):
        clerk.goto(path)
        expect(clerk.get_by_text(seen).first).to_be_visible()
        expect(clerk.locator("main").get_by_role("button")).to_have_count(0)
    clerk.goto("/catalogue/new")
    expect(clerk.get_by_text("Only an owner may see this page.")).to_be_visible()


def test_an_address_that_somebody_typed_is_answered(owner: Page) -> None:
    for path in ("/catalogue?page=x", "/graph?page=-1", "/sales?page=²&state=none", "/history?before=x"):
        answer = owner.goto(path)
        assert answer is not None
        assert answer.status == 200, path
    for path in ("/remarks?days=999999999&page=x", "/reports?days=000001999999999"):
        owner.goto(path)
        expect(owner.locator("[aria-busy]")).to_have_count(0)
        expect(owner.locator("main").get_by_role("combobox").first).to_be_visible()
        expect(owner.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_nothing_is_cut_off_sideways(owner: Page, office: Office, size: tuple[int, int]) -> None:
    row = next(row for row in office.editor.rows("products.csv") if row["sku"] == "TO-1")
    office.editor.edit("Ana", [Change("products.csv", row, {**row, "price": "13.00"})])
    owner.set_viewport_size({"width": size[0], "height": size[1]})
    for path in PAGES:
        owner.goto(path)
        expect(owner.locator("main h1")).to_be_visible()
        expect(owner.locator("[aria-busy]")).to_have_count(0)
        assert owner.evaluate(BEYOND_THE_EDGE) == [], path
