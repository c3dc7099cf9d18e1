"""Orders at suppliers, as they go well and badly."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from walkiosk.store import tables
from walkiosk.store.inventory import Inventory
from walkiosk.store.order_book import Arrival, Order, Wanted
from walkiosk.store.orders import Orders
from walkiosk.store.outcome import NotFound

LINES = (Wanted("TO-1", 24, pack_size=12, unit_cost_cents=620, reason="it sells"), Wanted("OX-42", 2, "Oxford"))


@pytest.fixture
def orders(engine: Engine) -> Orders:
    return Orders(engine, clock=lambda: 1_780_000_000_000)


def proposed(orders: Orders, key: str = "morning") -> Order:
    return orders.propose(key, LINES, "ana")


def placed(orders: Orders, key: str = "morning") -> Order:
    order = orders.place(proposed(orders, key).id, "ana", date(2026, 6, 3))
    assert isinstance(order, Order)
    return order


def arrived(orders: Orders, order: Order, key: str, **units: int) -> Arrival:
    found = orders.arrive(order.id, key, {sku.replace("_", "-"): count for sku, count in units.items()})
    assert isinstance(found, Arrival)
    return found


def stock(orders: Orders) -> dict[str, int | None]:
    return Inventory(orders.engine).available_of(["TO-1", "OX-42"])


def test_from_proposal_to_shelf(orders: Orders) -> None:
    order = proposed(orders)
    assert (order.state, order.proposed_by, order.placed_by, order.cost_cents) == ("proposed", "ana", None, 24 * 620)
    assert [(line.sku, line.name, line.packs) for line in order.lines] == [
        ("TO-1", "Spinning top", 2),
        ("OX-42", "Oxford", 2),
    ]
    assert orders.on_order() == {}  # nobody has sent it yet
    order = placed(orders)
    assert (order.state, order.placed_by, order.due) == ("placed", "ana", date(2026, 6, 3))
    assert orders.on_order() == {"TO-1": 24, "OX-42": 2}
    assert stock(orders) == {"TO-1": 20, "OX-42": 3}
    first = arrived(orders, order, "van-1", TO_1=12)
    assert (first.order.state, first.booked, first.over) == ("arriving", {"TO-1": 12}, {})
    assert orders.on_order() == {"TO-1": 12, "OX-42": 2}
    last = arrived(orders, order, "van-2", TO_1=12, OX_42=2)
    assert last.order.state == "closed"
    assert orders.on_order() == {}
    assert stock(orders) == {"TO-1": 44, "OX-42": 5}


def test_proposed_again_it_is_the_same_order(orders: Orders) -> None:
    order = proposed(orders)
    assert orders.propose("morning", LINES[:1], "bo") == order
    assert placed(orders) == orders.place(order.id, "bo")  # it stays the first one's
    assert [found.id for found in orders.orders()] == [order.id]


def test_a_delivery_told_twice_is_booked_once(orders: Orders) -> None:
    order = placed(orders)
    arrived(orders, order, "van-1", TO_1=12)
    for again in ({"TO_1": 12}, {"OX_42": 2}):
        told = arrived(orders, order, "van-1", **again)
        assert (told.known, told.booked) == (True, {})
    assert stock(orders) == {"TO-1": 32, "OX-42": 3}
    arrived(orders, order, "van-2", TO_1=12, OX_42=2)
    assert arrived(orders, order, "van-2", TO_1=12, OX_42=2).known  # though the order is closed
    assert stock(orders) == {"TO-1": 44, "OX-42": 5}


def test_told_at_once_by_many(orders: Orders) -> None:
    order = placed(orders)
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: arrived(orders, order, "van", TO_1=5), range(6)))
        same = list(pool.map(lambda _: orders.propose("evening", LINES, "ana").id, range(6)))
    assert sorted(arrival.known for arrival in told) == [False] + [True] * 5
    assert len(set(same)) == 1
    assert stock(orders)["TO-1"] == 25


def test_more_than_ordered_is_booked_and_told(orders: Orders) -> None:
    order = placed(orders)
    first = arrived(orders, order, "van-1", TO_1=30)
    assert (first.over, first.order.state) == ({"TO-1": 6}, "arriving")
    assert orders.on_order() == {"OX-42": 2}
    assert stock(orders)["TO-1"] == 50
    assert arrived(orders, order, "van-2", OX_42=2).over == {}


def test_nothing_came(orders: Orders) -> None:
    order = placed(orders)
    empty = arrived(orders, order, "van-1", TO_1=0)
    assert (empty.booked, empty.order.state) == ({}, "placed")


def test_what_is_missing_may_be_given_up(orders: Orders) -> None:
    order = placed(orders)
    arrived(orders, order, "van-1", TO_1=12)
    with pytest.raises(ValueError, match="is arriving; it cannot be cancelled"):
        orders.cancel(order.id)
    for _ in range(2):
        assert getattr(orders.close(order.id), "state", None) == "closed"
    assert orders.on_order() == {}
    with pytest.raises(ValueError, match="is closed; it cannot be received"):
        arrived(orders, order, "van-2", TO_1=12)


def test_nothing_comes_of_a_cancelled_order(orders: Orders) -> None:
    order = placed(orders)
    for _ in range(2):
        assert getattr(orders.cancel(order.id), "state", None) == "cancelled"
    assert orders.on_order() == {}
    with pytest.raises(ValueError, match="is cancelled; it cannot be received"):
        arrived(orders, order, "van-1", TO_1=12)
    with pytest.raises(ValueError, match="is cancelled; it cannot be placed"):
        orders.place(order.id, "ana")
    assert stock(orders) == {"TO-1": 20, "OX-42": 3}


def test_as_a_supplier_reads_it(orders: Orders) -> None:
    order = orders.propose("morning", [Wanted("TO-1", 12, pack_size=12), Wanted("OX-42", 0)], "ana")
    assert [line.units for line in order.lines] == [12]
    assert list(csv.reader(io.StringIO(order.csv()))) == [
        ["sku", "name", "packs", "units"],
        ["TO-1", "Spinning top", "1", "12"],
    ]


def test_what_cannot_be(orders: Orders) -> None:
    for lines, words in (
        ([Wanted("nope", 1)], "nope: no such product"),
        ([Wanted("TO-1", -1)], "TO-1: -1 units"),
        ([Wanted("TO-1", 2**31)], "units"),
        ([Wanted("TO-1", 1), Wanted("TO-1", 1)], "there twice"),
        ([Wanted("TO-1", 1, pack_size=0)], "packs of 0"),
    ):
        with pytest.raises(ValueError, match=words):
            orders.propose("bad", lines, "ana")
    with pytest.raises(ValueError, match="a key and the name"):
        orders.propose("", LINES, "ana")
    order = placed(orders)
    for units, words in (({"TO_1": -3}, "TO-1: -3 units"), ({"TO_1": 1, "CA_1": 1}, "has no CA-1")):
        with pytest.raises(ValueError, match=words):
            arrived(orders, order, "van", **units)
    with pytest.raises(ValueError, match="a delivery needs a key"):
        arrived(orders, order, "", TO_1=1)
    with pytest.raises(ValueError, match="nothing in it"):
        orders.place(orders.propose("empty", [Wanted("TO-1", 0)], "ana").id, "ana")
    assert (
        orders.order("nope") == orders.arrive("nope", "van", {}) == orders.cancel("nope") == NotFound("order", "nope")
    )
    with orders.engine.connect() as connection:
        moved = select(func.count()).where(tables.stock_movement.c.reason == "arrival")
        assert connection.execute(moved).scalar() == 0
