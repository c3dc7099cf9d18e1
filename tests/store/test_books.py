"""The books when the process dies at any moment of a sale: before and after every commit and every call out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from walkiosk.store import tables
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.inventory import Inventory
from walkiosk.store.payment import SimulatedReader
from walkiosk.store.sale_book import UNFINISHED

from .shop import Shop


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Reaper:
    """Ends the process at one of the moments it is told of."""

    at: int
    moments: int = 0

    def moment(self, *_: object) -> None:
        self.moments += 1
        if self.moments == self.at:
            raise Killed

    def around(self, device: object, *calls: str) -> Any:
        """The device, with a moment before and after each of these calls."""
        reaper = self

        class Watched:
            def __getattr__(self, name: str) -> Any:
                call = getattr(device, name)
                if name not in calls:
                    return call

                def watched(*question: Any) -> Any:
                    reaper.moment()
                    answer = call(*question)
                    reaper.moment()
                    return answer

                return watched

        return Watched()


def buy(shop: Shop) -> None:
    shop.delivered(shop.paid(TO_1=2, CA_1=1))


def buy_with_a_jam(shop: Shop) -> None:
    shop.dispenser.jam_next("B2")
    shop.delivered(shop.paid(TO_1=2, CA_1=1))


def buy_nothing(shop: Shop) -> None:
    shop.dispenser.jam_next("C1")
    shop.delivered(shop.paid(CA_1=2))


def decline_and_cancel(shop: Shop) -> None:
    sale = shop.reserved(CA_1=1)
    shop.reader.decline_next()
    shop.sales.pay(sale.id)
    shop.sales.pay(sale.id)
    shop.sales.cancel(sale.id)


def buy_and_return(shop: Shop) -> None:
    sale = shop.delivered(shop.paid(CA_1=2)).sale
    shop.sales.refund(sale.id, 100)
    shop.sales.refund(sale.id)


STORIES = [buy, buy_with_a_jam, buy_nothing, decline_and_cancel, buy_and_return]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_books_balance_whenever_the_process_dies(engine: Engine, story: Callable[[Shop], None]) -> None:
    reader, dispenser = SimulatedReader(), SimulatedDispenser()
    inventory = Inventory(engine)
    arrived = 20
    at = 0
    while True:
        at += 1
        inventory.book(f"arrival-{at}", "TO-1", 2, "arrival")
        arrived += 2
        reaper = Reaper(at)
        watched = Shop(
            engine,
            reaper.around(reader, "authorise", "capture", "release", "refund"),
            reaper.around(dispenser, "dispense"),
        )
        event.listen(engine, "commit", reaper.moment)
        try:
            story(watched)
            finished = True
        except Killed:
            finished = False
        event.remove(engine, "commit", reaper.moment)
        shop = Shop(engine, reader, dispenser)
        assert all(sale.state not in UNFINISHED for sale in shop.sales.reconcile())
        assert shop.sales.reconcile() == ()
        check_books(shop, arrived)
        if finished:
            break
    assert at > 15  # commits are moments too


def check_books(shop: Shop, arrived: int) -> None:
    """Money taken is goods given less refunds, and stock is arrivals less goods given: by the book and the devices."""
    sale, line, given = tables.sale, tables.sale_line, tables.dispense
    with shop.engine.connect() as connection:
        captured, refunded = connection.execute(
            select(func.coalesce(func.sum(sale.c.captured_cents), 0), func.coalesce(func.sum(sale.c.refunded_cents), 0))
        ).one()
        goods = connection.execute(
            select(func.coalesce(func.sum(line.c.unit_cents), 0))
            .join(given, (given.c.sale_id == line.c.sale_id) & (given.c.sku == line.c.sku))
            .where(given.c.outcome == "dropped")
        ).scalar_one()
    dropped = shop.dispenser.dropped()
    assert captured == goods == dropped.get("B2", 0) * 1250 + dropped.get("C1", 0) * 300
    assert shop.reader.taken_cents() == captured - refunded
    assert shop.reader.held_cents() == 0
    assert shop.inventory.available("TO-1") == arrived - dropped.get("B2", 0)
