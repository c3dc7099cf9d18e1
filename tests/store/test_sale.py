"""Sales as they go well and badly."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from walkiosk.store import tables
from walkiosk.store.basket import Basket
from walkiosk.store.outcome import (
    AgeRestricted,
    Declined,
    EmptyBasket,
    Expired,
    Jammed,
    NotFound,
    OutOfStock,
    OverCap,
    PaymentUnavailable,
    SlotEmpty,
)
from walkiosk.store.sale import HOLD_MILLISECONDS
from walkiosk.store.sale_book import Sale

from .shop import Shop


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_a_sale(shop: Shop) -> None:
    sale = shop.reserved(OX_42=2, TO_1=1)
    assert (sale.state, sale.total_cents) == ("reserved", 2 * 8541 + 1250)  # 5 % off for anybody
    assert shop.inventory.available("OX-42") == 1
    paid = shop.sales.pay(sale.id)
    assert isinstance(paid, Sale)
    assert (paid.state, shop.reader.held_cents(), shop.reader.taken_cents()) == ("authorised", 18332, 0)
    delivery = shop.delivered(sale)
    assert (delivery.complete, delivery.sale.state, delivery.sale.captured_cents) == (True, "captured", 18332)
    assert delivery.sale.tax_cents == round(17082 * 21 / 121) + round(1250 * 4 / 104)
    assert (shop.reader.held_cents(), shop.reader.taken_cents()) == (0, 18332)
    assert shop.dispenser.dropped() == {"A2": 2, "B2": 1}
    assert shop.inventory.available("OX-42") == 1


def test_everything_may_be_asked_twice(shop: Shop) -> None:
    basket_id = shop.basket(TO_1=1)
    first, second = shop.sales.reserve(basket_id), shop.sales.reserve(basket_id)
    assert isinstance(first, Sale)
    assert first == second
    for _ in range(2):
        assert getattr(shop.sales.pay(first.id), "state", None) == "authorised"
    for _ in range(2):
        assert shop.delivered(first).sale.state == "captured"
    assert getattr(shop.sales.pay(first.id), "state", None) == "captured"
    assert (shop.reader.taken_cents(), shop.dispenser.dropped()) == (1250, {"B2": 1})


def test_caps_stock_and_what_is_not_there(shop: Shop) -> None:
    basket_id = shop.baskets.create().id
    add = shop.baskets.add
    assert add(basket_id, "TO-1", 3) == OverCap("TO-1", 3, 2)  # the product's own cap
    assert add(basket_id, "OX-42", 5) == OverCap("OX-42", 5, 4)  # the shop's
    assert add(basket_id, "OX-42", 4) == OutOfStock("OX-42", 4, 3)
    assert add(basket_id, "OX-43") == OutOfStock("OX-43", 1, 0)
    assert add(basket_id, "nope") == NotFound("product", "nope")
    assert add("nope", "TO-1") == NotFound("basket", "nope")
    assert isinstance(add(basket_id, "CA-1", 4), Basket)  # not counted
    assert add(basket_id, "SN-42", 3) == OverCap(None, 7, 6)  # units of a sale
    removed = shop.baskets.remove(basket_id, "CA-1", 3)
    assert isinstance(removed, Basket)
    assert [line.quantity for line in removed.lines] == [1]
    assert shop.sales.reserve(shop.baskets.create().id) == EmptyBasket()
    assert shop.sales.reserve("nope") == NotFound("basket", "nope")
    assert shop.sales.pay("nope") == NotFound("sale", "nope")


def test_goods_held_by_one_customer_are_gone_for_another(shop: Shop) -> None:
    other = shop.basket(BO_42=1)
    sale = shop.reserved(BO_42=1)
    assert shop.sales.reserve(other) == OutOfStock("BO-42", 1, 0)
    assert shop.baskets.add(sale.basket_id, "TO-1") == NotFound("basket", sale.basket_id)  # it is being sold
    shop.now += HOLD_MILLISECONDS
    assert isinstance(shop.sales.reserve(other), Sale)  # the hold is over
    assert shop.sales.pay(sale.id) == Expired(sale.id)
    assert isinstance(shop.baskets.add(sale.basket_id, "TO-1"), Basket)  # and its basket is the customer's again


def test_reservations_expire(shop: Shop) -> None:
    sale = shop.reserved(BO_42=1)
    assert shop.sales.expire() == ()
    shop.now += HOLD_MILLISECONDS
    assert [(s.id, s.state) for s in shop.sales.expire()] == [(sale.id, "released")]


def test_age_is_checked_by_a_clerk(shop: Shop) -> None:
    with shop.engine.begin() as connection:
        connection.execute(tables.product.update().where(tables.product.c.sku == "CA-1").values(minimum_age=18))
    basket_id = shop.basket(CA_1=1)
    assert shop.sales.reserve(basket_id) == AgeRestricted("CA-1", 18)
    assert isinstance(shop.sales.reserve(basket_id, age_checked=True), Sale)


def test_declined_then_another_card(shop: Shop) -> None:
    sale = shop.reserved(TO_1=1)
    shop.reader.decline_next("stolen")
    assert shop.sales.pay(sale.id) == Declined("stolen")
    assert shop.delivered(sale).sale.state == "reserved"  # and nothing falls
    assert getattr(shop.sales.pay(sale.id), "state", None) == "authorised"
    assert shop.delivered(sale).complete
    assert shop.reader.taken_cents() == 1250


def test_jam_releases_the_hold(shop: Shop) -> None:
    sale = shop.paid(TO_1=2)
    shop.dispenser.jam_next("B2")
    delivery = shop.delivered(sale)
    assert (delivery.failures, delivery.sale.state) == ((Jammed("B2"),), "released")
    assert (shop.reader.held_cents(), shop.reader.taken_cents(), shop.dispenser.dropped()) == (0, 0, {})
    assert shop.inventory.available("TO-1") == 20


def test_part_of_a_sale_costs_its_part(shop: Shop) -> None:
    sale = shop.paid(TO_1=1, LP_1=2)
    shop.dispenser.set_empty(["B3"])
    delivery = shop.delivered(sale)
    assert (delivery.failures, delivery.complete) == ((SlotEmpty("B3"),), False)
    assert (delivery.sale.state, delivery.sale.captured_cents) == ("captured", 1250)
    assert (shop.reader.held_cents(), shop.reader.taken_cents()) == (0, 1250)
    assert shop.inventory.available("LP-1") == 0  # an empty slot is empty, whatever the books said


def test_cancel(shop: Shop) -> None:
    sale = shop.paid(TO_1=1)
    assert getattr(shop.sales.cancel(sale.id), "state", None) == "released"
    assert shop.reader.held_cents() == 0
    assert shop.delivered(sale).sale.state == "released"
    assert shop.dispenser.dropped() == {}
    sold = shop.delivered(shop.paid(TO_1=1)).sale
    assert getattr(shop.sales.cancel(sold.id), "state", None) == "captured"  # too late


def test_refunds(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(TO_1=2)).sale
    with pytest.raises(ValueError, match="2501 cents cannot be refunded of 2500"):
        shop.sales.refund(sale.id, 2501)
    part = shop.sales.refund(sale.id, 1000)
    assert isinstance(part, Sale)
    assert (part.state, part.refunded_cents) == ("captured", 1000)
    shop.reader.lose_next("refund", "after")
    assert shop.sales.refund(sale.id) == PaymentUnavailable(sale.id)
    assert [s.state for s in shop.sales.reconcile()] == ["refunded"]
    assert shop.reader.taken_cents() == 0
    with pytest.raises(ValueError, match="is refunded"):
        shop.sales.refund(sale.id)


def test_a_free_sale_asks_no_card(shop: Shop) -> None:
    with shop.engine.begin() as connection:
        connection.execute(tables.offer.update().where(tables.offer.c.sku == "OX-42").values(basis_points_off=10_000))
    delivery = shop.delivered(shop.paid(OX_42=1))
    assert (delivery.complete, delivery.sale.state, delivery.sale.total_cents) == (True, "captured", 0)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_reader_does_not_answer(shop: Shop, moment: Any) -> None:
    sale = shop.reserved(TO_1=1)
    shop.reader.lose_next("authorise", moment)
    assert shop.sales.pay(sale.id) == PaymentUnavailable(sale.id)
    assert getattr(shop.sales.pay(sale.id), "state", None) == "authorised"  # the same question, with the same key
    assert shop.reader.held_cents() == 1250
    shop.reader.lose_next("capture", moment)
    assert shop.delivered(sale).sale.state == "dispensed"
    assert [s.state for s in shop.sales.reconcile()] == ["captured"]
    assert (shop.reader.taken_cents(), shop.dispenser.dropped()) == (1250, {"B2": 1})


@pytest.mark.parametrize(("moment", "state", "taken"), [("before", "released", 0), ("after", "captured", 1250)])
def test_the_dispenser_does_not_answer(shop: Shop, moment: Any, state: str, taken: int) -> None:
    sale = shop.paid(TO_1=2)
    shop.dispenser.lose_next(moment)
    delivery = shop.delivered(sale)
    assert (delivery.sale.state, shop.reader.taken_cents(), delivery.complete) == (state, taken, False)
    assert sum(shop.dispenser.dropped().values()) * 1250 == taken


def test_cancelled_while_the_card_is_in_the_reader(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.reserved(TO_1=1)
    ask = shop.reader.authorise

    def slow(*question: Any) -> Any:
        assert getattr(shop.sales.cancel(sale.id), "state", None) == "released"
        return ask(*question)

    monkeypatch.setattr(shop.reader, "authorise", slow)
    assert shop.sales.pay(sale.id) == Declined("cancelled")  # the provider was told that nobody waits any more
    assert (shop.state(sale), shop.reader.held_cents()) == ("released", 0)


def test_a_reservation_made_before_the_clock_was_set_back_expires(shop: Shop) -> None:
    sale = shop.reserved(TO_1=1)
    shop.now -= 365 * 24 * 3_600_000
    assert [(s.id, s.state) for s in shop.sales.expire()] == [(sale.id, "released")]


def test_what_a_device_did_not_answer_for_is_asked_again_while_others_are_served(shop: Shop) -> None:
    sale = shop.paid(TO_1=1)
    shop.reader.lose_next("capture", "before")
    assert shop.delivered(sale).sale.state == "dispensed"
    assert shop.sales.tend() == ()  # its customer may still be there
    here = shop.reserved(OX_42=1)
    shop.now += 2 * HOLD_MILLISECONDS + 1
    with shop.engine.begin() as connection:  # another customer, who has just pressed
        own = tables.sale.update().where(tables.sale.c.id == here.id)
        connection.execute(own.values(updated_ms=shop.now, reserved_until_ms=shop.now + 1))
    assert [(s.id, s.state) for s in shop.sales.tend()] == [(sale.id, "captured")]
    assert (shop.state(here), shop.reader.taken_cents()) == ("reserved", 1250)


def test_cancelled_while_goods_fall_the_sale_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.paid(TO_1=2)
    drop = shop.dispenser.dispense

    def cancelled(*question: Any) -> Any:
        assert shop.sales.settlement.ask(sale.id, "release")  # as a cancel asks that read the sale a moment before
        return drop(*question)

    monkeypatch.setattr(shop.dispenser, "dispense", cancelled)
    assert shop.delivered(sale).sale.state == "captured"
    assert (shop.reader.taken_cents(), shop.reader.held_cents(), shop.dispenser.dropped()) == (2500, 0, {"B2": 2})


def test_cancelled_just_before_goods_fall_the_sale_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.paid(TO_1=2)
    drop, book = shop.dispenser.dispense, shop.sales.sale

    def cancelled(*question: Any) -> Any:
        monkeypatch.setattr(shop.sales, "sale", lambda _: sale)  # what the cancel read before they began to
        assert getattr(shop.sales.cancel(sale.id), "state", None) == "dispensing"
        monkeypatch.setattr(shop.sales, "sale", book)
        return drop(*question)

    monkeypatch.setattr(shop.dispenser, "dispense", cancelled)
    assert shop.delivered(sale).sale.state == "captured"
    assert (shop.reader.taken_cents(), shop.reader.held_cents(), shop.dispenser.dropped()) == (2500, 0, {"B2": 2})


def test_a_sale_that_no_provider_carries_out_stops_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ended, other = shop.paid(TO_1=1), shop.paid(OX_42=1)
    for sale in (ended, other):
        shop.reader.lose_next("capture", "before")
        assert shop.delivered(sale).sale.state == "dispensed"
    capture, hold = shop.reader.capture, ended.authorisation

    def refused(key: str, reference: str, cents: int) -> None:
        if reference == hold:
            raise ValueError("the hold has ended")
        capture(key, reference, cents)

    monkeypatch.setattr(shop.reader, "capture", refused)
    assert [(s.id, s.state) for s in shop.sales.reconcile()] == [(other.id, "captured")]
    assert shop.state(ended) == "dispensed" and ended.id in caplog.text


def test_a_hold_that_was_said_never_to_come_is_let_go(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = shop.reserved(TO_1=1)
    ask = shop.reader.authorise

    def forgetful(*question: Any) -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(shop.reader, "find", lambda key: None)  # against its contract it closes nothing
            assert getattr(shop.sales.cancel(sale.id), "state", None) == "released"
        return ask(*question)

    monkeypatch.setattr(shop.reader, "authorise", forgetful)
    assert getattr(shop.sales.pay(sale.id), "state", None) == "released"
    assert shop.reader.held_cents() == 0


def test_a_process_that_dies_after_a_cancelled_sale_was_authorised_leaves_no_hold(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = shop.reserved(TO_1=1)
    ask = shop.reader.authorise

    def dies(*question: Any) -> Any:
        ask(*question)
        with shop.engine.begin() as connection:  # on another screen, before the answer is written down
            connection.execute(tables.sale.update().values(state="released"))
        raise KeyboardInterrupt

    monkeypatch.setattr(shop.reader, "authorise", dies)
    with pytest.raises(KeyboardInterrupt):
        shop.sales.pay(sale.id)
    assert shop.reader.held_cents() == 1250
    assert [s.state for s in shop.sales.reconcile()] == ["released"]
    assert shop.reader.held_cents() == 0 and shop.sales.reconcile() == ()


def test_the_last_one_is_sold_once(shop: Shop) -> None:
    baskets = [shop.basket(BO_42=1) for _ in range(4)]
    together = threading.Barrier(len(baskets))

    def reserve(basket_id: str) -> object:
        together.wait()
        return shop.sales.reserve(basket_id)

    with ThreadPoolExecutor(len(baskets)) as customers:
        results = list(customers.map(reserve, baskets))
    assert sum(isinstance(result, Sale) for result in results) == 1
    assert results.count(OutOfStock("BO-42", 1, 0)) == 3


def test_a_basket_is_sold_once(shop: Shop) -> None:
    basket_id = shop.basket(TO_1=1)
    together = threading.Barrier(4)

    def reserve(_: int) -> object:
        together.wait()
        return shop.sales.reserve(basket_id)

    with ThreadPoolExecutor(4) as callers:
        assert len({getattr(sale, "id", None) for sale in callers.map(reserve, range(4))}) == 1


def test_paid_and_dispensed_by_two_callers_at_once(shop: Shop) -> None:
    sale = shop.reserved(TO_1=2)
    together = threading.Barrier(2)

    def finish(_: int) -> None:
        together.wait()
        shop.sales.pay(sale.id)
        together.wait()
        shop.sales.dispense(sale.id)

    with ThreadPoolExecutor(2) as callers:
        list(callers.map(finish, range(2)))
    assert (shop.state(sale), shop.reader.taken_cents(), shop.dispenser.dropped()) == ("captured", 2500, {"B2": 2})
