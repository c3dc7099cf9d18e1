"""Sales in the browser: found, and money given back once, with a reason, never more than was taken."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from walkiosk.office.desk import Office
from walkiosk.store.payment import SimulatedReader
from walkiosk.store.refunds import refunds_of
from walkiosk.store.sale_book import Sale


@pytest.fixture
def sold(office: Office) -> Sale:
    """Two spinning tops that a known customer has bought."""
    store = office.store
    basket = store.baskets.create("c1")
    store.baskets.add(basket.id, "TO-1", 2)
    sale = store.sales.reserve(basket.id)
    assert isinstance(sale, Sale)
    store.sales.pay(sale.id)
    return store.sales.dispense(sale.id).sale  # type: ignore[union-attr]


def reader(office: Office) -> SimulatedReader:
    provider = office.store.sales.provider
    assert isinstance(provider, SimulatedReader)
    return provider


def test_a_part_is_given_back_once_and_the_unit_is_stock_again(owner: Page, office: Office, sold: Sale) -> None:
    stock = office.store.inventory.available("TO-1")
    assert isinstance(stock, int)
    owner.goto("/sales?customer=garc%C3%ADa")
    owner.locator("main table").get_by_role("link").click()
    expect(owner.get_by_text("take it")).to_be_visible()
    owner.get_by_label("Spinning top · TO-1, of 2").fill("3")
    owner.get_by_role("button", name="Give money back").click()
    expect(owner.get_by_text("A whole number up to 2.")).to_be_visible()
    owner.get_by_label("Spinning top · TO-1, of 2").fill("1")
    owner.get_by_role("button", name="Give money back").click()
    expect(owner.get_by_text("A refund has a reason.")).to_be_visible()
    owner.get_by_label("Reason").fill("came broken")
    owner.get_by_role("checkbox").click()
    owner.get_by_role("button", name="Give money back").click()
    owner.get_by_role("dialog").get_by_role("button", name="Give money back").dblclick()
    expect(owner.get_by_role("cell", name="came broken")).to_be_visible()
    unit = sold.lines[0].unit_cents
    assert [refund.cents for refund in refunds_of(office.store.engine, sold.id)] == [unit]
    assert reader(office).taken_cents() == sold.captured_cents - unit
    assert office.store.inventory.available("TO-1") == stock + 1


def test_never_more_than_was_taken_and_what_is_not_answered_is_asked_again(
    owner: Page, office: Office, sold: Sale
) -> None:
    owner.goto(f"/sales/{sold.id}")
    owner.get_by_label("Or an amount").fill("1000")
    owner.get_by_label("Reason").fill("a mistake")
    owner.get_by_role("button", name="Give money back").click()
    expect(owner.get_by_text("More than nothing, at most")).to_be_visible()
    reader(office).lose_next("refund", "after")
    owner.get_by_label("Or an amount").fill("5,50")
    owner.get_by_role("button", name="Give money back").click()
    owner.get_by_role("dialog").get_by_role("button", name="Give money back").click()
    owner.get_by_role("button", name="Ask again").click()
    expect(owner.get_by_text("partly given back")).to_be_visible()
    assert reader(office).taken_cents() == sold.captured_cents - 550


def test_a_clerk_sees_a_sale_and_gives_nothing_back(clerk: Page, sold: Sale) -> None:
    clerk.goto(f"/sales/{sold.id}")
    expect(clerk.get_by_text("hold the amount")).to_be_visible()
    expect(clerk.get_by_role("button", name="Give money back")).to_have_count(0)
    clerk.goto("/sales?state=refunded")
    expect(clerk.get_by_text("No sale is like that.")).to_be_visible()
