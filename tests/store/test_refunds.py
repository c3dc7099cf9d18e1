"""Refunds with a reason: once for each form, never more than was taken; and the list of sales."""

import datetime

import pytest
from sqlalchemy import Engine

from tests.store.shop import Shop
from walkiosk.store.outcome import PaymentUnavailable
from walkiosk.store.refunds import RefundNote, refunds_of
from walkiosk.store.sale_book import Sale
from walkiosk.store.sale_list import Wanted, arrows_of, created_of, find_sales

ONCE = RefundNote("form-1", "came broken", "Ana")


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_a_form_sent_twice_gives_back_once(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(TO_1=2)).sale
    for _ in range(3):
        again = shop.sales.refund(sale.id, 1000, ONCE)
        assert isinstance(again, Sale) and again.refunded_cents == 1000
    assert shop.reader.taken_cents() == sale.captured_cents - 1000
    whole = shop.sales.refund(sale.id, None, RefundNote("form-2", "and ugly", "Bo"))
    assert isinstance(whole, Sale) and whole.state == "refunded"
    assert [(r.cents, r.note.reason, r.note.who, r.done) for r in refunds_of(shop.engine, sale.id)] == [
        (1000, "came broken", "Ana", True),
        (sale.captured_cents - 1000, "and ugly", "Bo", True),
    ]
    with pytest.raises(ValueError, match="refunded"):
        shop.sales.refund(sale.id, 1, RefundNote("form-3", "more", "Bo"))
    assert shop.reader.taken_cents() == 0


def test_a_refund_without_an_answer_is_asked_again_and_nothing_else_meanwhile(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(TO_1=2)).sale
    shop.reader.lose_next("refund", "after")
    assert isinstance(shop.sales.refund(sale.id, 500, ONCE), PaymentUnavailable)
    assert [refund.done for refund in refunds_of(shop.engine, sale.id)] == [False]
    with pytest.raises(ValueError, match="500 cents has not been answered"):
        shop.sales.refund(sale.id, 700, RefundNote("form-2", "other", "Ana"))
    again = shop.sales.refund(sale.id, 500, ONCE)
    assert isinstance(again, Sale) and again.refunded_cents == 500
    assert shop.reader.taken_cents() == sale.captured_cents - 500


def test_more_than_was_taken_or_no_reason_is_refused(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(TO_1=1)).sale
    for cents, note in ((sale.captured_cents + 1, ONCE), (0, ONCE), (-5, ONCE), (1, RefundNote("f", "  ", "Ana"))):
        with pytest.raises(ValueError):
            shop.sales.refund(sale.id, cents, note)
    assert refunds_of(shop.engine, sale.id) == ()
    assert shop.reader.taken_cents() == sale.captured_cents


def test_goods_come_back_once_and_never_more_than_fell(shop: Shop) -> None:
    shop.dispenser.jam_next("A2")  # of the oxfords nothing falls
    sale = shop.delivered(shop.paid(TO_1=2, OX_42=1)).sale
    assert [(line.sku, line.dropped) for line in sale.lines] == [("TO-1", 2), ("OX-42", 0)]
    shop.reader.lose_next("refund", "after")
    for _ in range(2):  # the provider is lost the first time; the goods are back, and once
        shop.sales.refund(sale.id, 1000, ONCE, {"TO-1": 1})
        assert shop.inventory.available("TO-1") == 20 - 2 + 1
    for number, (sku, units) in enumerate((("TO-1", 2), ("TO-1", 0), ("TO-1", -1), ("OX-42", 1), ("CA-1", 1))):
        with pytest.raises(ValueError, match=f"{units} of {sku} cannot come back"):
            shop.sales.refund(sale.id, 100, RefundNote(f"more-{number}", "more", "Ana"), {sku: units})
    assert len(refunds_of(shop.engine, sale.id)) == 1  # nor is money given for goods that are not there
    assert shop.reader.taken_cents() == sale.captured_cents - 1000
    last = shop.sales.refund(sale.id, None, RefundNote("last", "and this", "Ana"), {"TO-1": 1})
    assert isinstance(last, Sale) and last.state == "refunded"
    assert shop.inventory.available("TO-1") == 20


def test_the_list_of_sales(shop: Shop) -> None:
    first = shop.delivered(shop.paid(TO_1=2)).sale
    shop.now += 24 * 3600 * 1000
    basket = shop.basket(TO_1=1)
    shop.baskets.assign(basket, "c1")
    second = shop.sales.reserve(basket)
    assert isinstance(second, Sale)
    day = datetime.datetime.fromtimestamp(created_of(shop.engine, first.id) / 1000, datetime.UTC).date()

    def found(**wanted: object) -> list[str]:
        return [entry.id for entry in find_sales(shop.engine, Wanted(**wanted), "UTC")[0]]  # type: ignore[arg-type]

    assert found() == [second.id, first.id]
    assert found(first=day, last=day) == [first.id]
    assert found(first=day + datetime.timedelta(days=1)) == [second.id]
    assert found(state="captured") == [first.id]
    assert found(customer="garcía") == found(customer="c1") == [second.id]
    assert found(customer="100%") == []
    entries, count = find_sales(shop.engine, Wanted(), "UTC", limit=1, offset=1)
    assert count == 2 and entries[0].goods == ("2 × Spinning top",)
    assert [(arrow.name, arrow.outcome) for arrow in arrows_of(shop.engine, first.id)] == [
        ("authorise", "authorised"),
        ("capture", "done"),
    ]
