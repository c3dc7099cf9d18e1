"""The last day of any sale, as the morning page tells it: a refund is none, nor is a row of the file without units."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import insert

from tests.office.shop_day import ShopDay, at_ms
from tests.office.shop_day import day as day
from walkiosk.office.desk import Office
from walkiosk.office.lately import sold_lately
from walkiosk.store import tables

TODAY = datetime.date(2026, 6, 30)


@pytest.fixture
def office(day: ShopDay) -> Office:
    return Office(day.store, clock=lambda: at_ms(str(TODAY)))


def test_the_last_sale_is_the_files_until_the_kiosk_has_one(day: ShopDay, office: Office) -> None:
    assert sold_lately(office).last_sale == datetime.date(2026, 1, 2)
    rows = [
        {"sku": "TO-1", "date": TODAY + datetime.timedelta(ahead), "units": units} for ahead, units in ((0, 0), (1, 3))
    ]
    with day.engine.begin() as connection:
        connection.execute(insert(tables.past_sale), rows)
    assert sold_lately(office).last_sale == datetime.date(2026, 1, 2)
    day.sell(at_ms("2026-05-20"), TO_1=1)
    assert sold_lately(office).last_sale == datetime.date(2026, 5, 20)


def test_a_refund_is_no_sale_and_todays_sale_is_one(day: ShopDay, office: Office) -> None:
    sale = day.sell(at_ms("2026-05-20"), TO_1=1)
    day.refund(at_ms(str(TODAY)), sale)
    found = sold_lately(office)
    assert (found.last_sale, found.week.total.units) == (datetime.date(2026, 5, 20), 0)
    day.sell(at_ms(str(TODAY), "09:00"), TO_1=1)
    found = sold_lately(office)
    assert (found.last_sale, found.week.total.units) == (TODAY, 0)
