"""Who the customer is, and what it costs them."""

import datetime
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from walkiosk.store import tables
from walkiosk.store.catalogue import Catalogue, Product
from walkiosk.store.customers import LOCK_MILLISECONDS, WRONG_PINS, Customer, Customers
from walkiosk.store.offers import Offers, combined, discounted
from walkiosk.store.outcome import Locked, NotFound, WrongPin


@dataclass
class Clock:
    """A clock that a test moves."""

    ms: int = 1_780_000_000_000  # 28 May 2026

    def __call__(self) -> int:
        return self.ms

    def set_day(self, day: str) -> None:
        self.ms = int(datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp() * 1000)


def product(engine: Engine, sku: str) -> Product:
    found = Catalogue(engine).product(sku)
    assert isinstance(found, Product)
    return found


def test_customer_by_id(engine: Engine) -> None:
    ana = Customers(engine).customer("c1")
    assert isinstance(ana, Customer)
    assert (ana.name, ana.language, ana.tier, dict(ana.sizes)) == (
        "Ana García", "es", "gold", {"shoes": "42", "shirt": "M"},
    )  # fmt: skip
    assert Customers(engine).customer("c9") == NotFound("customer", "c9")


def test_pin(engine: Engine) -> None:
    clock = Clock()
    customers = Customers(engine, clock)
    assert isinstance(customers.identify("c1", "1234"), Customer)
    assert customers.identify("c2", "1234") == WrongPin()  # has no PIN, so nobody comes in by one
    assert customers.identify("c9", "1234") == WrongPin()
    tries = [customers.identify("c1", "0000") for _ in range(WRONG_PINS)]
    assert tries == [WrongPin()] * (WRONG_PINS - 1) + [Locked(clock.ms + LOCK_MILLISECONDS)]
    assert isinstance(customers.identify("c1", "1234"), Locked)
    clock.ms += LOCK_MILLISECONDS
    assert isinstance(customers.identify("c1", "1234"), Customer)


def test_a_right_pin_forgets_the_wrong_ones(engine: Engine) -> None:
    customers = Customers(engine)
    for _ in range(3):
        for _ in range(WRONG_PINS - 1):
            assert customers.identify("c1", "0000") == WrongPin()
        assert isinstance(customers.identify("c1", "1234"), Customer)


def test_the_best_offer_wins(engine: Engine) -> None:
    clock = Clock()
    offers = Offers(engine, "Europe/Madrid", clock)
    ana = Customers(engine).customer("c1")
    assert isinstance(ana, Customer)
    oxford, boot, top = (product(engine, sku) for sku in ("OX-42", "BO-42", "TO-1"))
    assert offers.deal(oxford, ana).basis_points_off == 1500  # sku and tier, within its days
    assert offers.deal(oxford, ana).pay_cents == 7642  # 89.90 less 15 % is 76.415
    assert offers.deal(oxford).basis_points_off == 500  # a stranger's
    assert offers.deal(boot, ana).basis_points_off == 1000  # by category and tier
    assert offers.deal(boot).saved_cents == 0
    assert offers.deal(top, ana).basis_points_off == 0
    clock.set_day("2027-01-01")
    assert offers.deal(oxford, ana).basis_points_off == 1000


@pytest.mark.parametrize(("instant", "off"), [("2025-12-31T22:59:59", 1000), ("2025-12-31T23:00:00", 1500)])
def test_days_are_those_of_the_shop(engine: Engine, instant: str, off: int) -> None:
    clock = Clock(int(datetime.datetime.fromisoformat(f"{instant}+00:00").timestamp() * 1000))
    ana = Customer("c1", "Ana", tier="gold")
    assert Offers(engine, "Europe/Madrid", clock).deal(product(engine, "OX-42"), ana).basis_points_off == off


def test_offers_that_combine_come_off_what_is_left(engine: Engine) -> None:
    ana = Customers(engine).customer("c1")
    assert isinstance(ana, Customer)
    oxford = product(engine, "OX-42")
    two = [("OX-42", 2000, True, datetime.date(2026, 6, 1)), (None, 1000, True, None), ("OX-42", 700, False, None)]
    with engine.begin() as connection:
        rows = [{"sku": s, "basis_points_off": b, "combines": c, "ends": e, "tier": None} for s, b, c, e in two]
        connection.execute(tables.offer.insert(), rows)
    offers = Offers(engine, "Europe/Madrid", Clock())
    deal = offers.deal(oxford, ana)  # 15 % of her tier's, which does not combine, then 20 %, then 10 %
    assert deal.basis_points_off == 3880 and deal.pay_cents == discounted(8990, 3880)
    assert (deal.tier, deal.ends) == ("gold", datetime.date(2026, 6, 1))
    assert offers.deal(oxford).basis_points_off == 3304  # a stranger's: 7 %, 20 %, 10 %
    limited = Offers(engine, "Europe/Madrid", Clock(), most_off=2500)
    assert limited.deal(oxford, ana).basis_points_off == 2500
    assert Offers(engine, "Europe/Madrid", Clock(), most_off=1000).deal(oxford, ana).basis_points_off == 2000  # alone


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=6))
def test_together_offers_take_off_more_than_each_and_less_than_their_sum(offs: list[int]) -> None:
    assert max(offs) <= combined(offs) <= min(sum(offs), 10_000)
    assert combined(offs) == combined(reversed(offs))


@given(st.integers(0, 2**31 - 1), st.integers(0, 10_000))
def test_a_discount_is_rounded_to_the_nearest_cent(cents: int, basis_points: int) -> None:
    pay = discounted(cents, basis_points)
    assert 0 <= pay <= cents
    assert abs(pay * 10_000 - cents * (10_000 - basis_points)) <= 5_000
