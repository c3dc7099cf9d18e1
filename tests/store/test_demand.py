"""Days of demand: from the file, then from the books, in the shop's time zone; what nobody knows is no zero."""

import datetime
import zoneinfo
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, update

from walkiosk.store import tables
from walkiosk.store.demand import DailyDemand, daily_demand
from walkiosk.store.loading import load_folder

from .shop import Shop

ZONE = "Europe/Madrid"
MADRID = zoneinfo.ZoneInfo(ZONE)
OPENED = datetime.date(2026, 3, 27)  # two days before the clocks change
TODAY = datetime.date(2026, 4, 1)


def at_ms(day: datetime.date, hour: int, minute: int = 0) -> int:
    return round(datetime.datetime.combine(day, datetime.time(hour, minute), MADRID).timestamp() * 1000)


def day(number: int) -> datetime.date:
    return datetime.date(2026, 3, number)


@pytest.fixture
def shop(engine: Engine) -> Shop:
    """The film shop, counted in at eight in the morning of its first day."""
    with engine.begin() as connection:
        connection.execute(update(tables.stock_movement).values(at_ms=at_ms(OPENED, 8)))
    return Shop(engine)


def sell(shop: Shop, when: int, **wanted: int) -> None:
    shop.now = when
    shop.delivered(shop.paid(**wanted))


def found(shop: Shop, today: datetime.date = TODAY, ahead: int = 0) -> dict[str, DailyDemand]:
    return daily_demand(shop.engine, ZONE, today, ahead)


def units(one: DailyDemand) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in one.units]


def with_sales(folder: Path, engine: Engine, *rows: str) -> None:
    (folder / "sales.csv").write_text("\n".join(("sku,date,units,price,promotion", *rows, "")))
    load_folder(engine, folder)


def test_sales_of_the_kiosk_by_the_shops_day(shop: Shop) -> None:
    sell(shop, at_ms(day(28), 0, 10), TO_1=2)  # ten past midnight in Madrid is still the 27th in UTC
    sell(shop, at_ms(day(29), 23, 50), TO_1=1)  # the day that has 23 hours
    sell(shop, at_ms(day(30), 0, 10), TO_1=1)
    sell(shop, at_ms(TODAY, 9), TO_1=2)  # today is not over
    top = found(shop)["TO-1"]
    assert top.first == datetime.date(2026, 1, 2)  # the file's only row, of none
    assert top.units[0] == 0
    assert np.isnan(top.units[1:84]).all()  # between the file and the first day of the kiosk
    assert units(top)[84:] == [0, 2, 1, 1, 0]
    assert top.known_days == 6


def test_what_jammed_was_not_sold(shop: Shop) -> None:
    shop.now = at_ms(day(28), 12)
    shop.dispenser.jam_next("B2")
    shop.delivered(shop.paid(TO_1=2))
    assert units(found(shop)["TO-1"])[-4:] == [0, 0, 0, 0]


def test_a_day_is_counted_once(shop: Shop, film_shop: Path) -> None:
    sell(shop, at_ms(day(28), 12), TO_1=2)
    sell(shop, at_ms(day(30), 12), TO_1=1)
    with_sales(film_shop, shop.engine, "TO-1,2026-03-26,4,,", "TO-1,2026-03-28,3,,", "TO-1,2026-03-28,2,,")
    top = found(shop)["TO-1"]
    assert (top.first, units(top)) == (day(26), [4, 0, 2, 0, 1, 0])  # the books tell their days, the file its others


def test_the_kiosk_may_be_older_than_the_file(shop: Shop, film_shop: Path) -> None:
    sell(shop, at_ms(day(27), 12), TO_1=2)
    sell(shop, at_ms(day(29), 12), TO_1=1)
    with_sales(film_shop, shop.engine, "TO-1,2026-03-28,7,9.00,", "TO-1,2026-03-29,7,8.00,", "CA-1,2026-03-29,5,,")
    top = found(shop)["TO-1"]
    assert units(top) == [2, 7, 1, 0, 0]  # one sale of the 27th does not put the 28th away
    assert top.price_cents[:3].tolist() == [1250, 900, 1250]
    assert found(shop)["CA-1"].known_days == 0  # the kiosk's day is the kiosk's for every product


def test_rows_from_today_on_are_no_history(shop: Shop, film_shop: Path) -> None:
    with_sales(film_shop, shop.engine, "TO-1,2026-03-30,4,,", "TO-1,2026-04-01,9,,", "TO-1,2030-01-01,9,,")
    assert units(found(shop)["TO-1"])[-2:] == [4, 0]


def test_days_without_stock_are_unknown(shop: Shop) -> None:
    sell(shop, at_ms(day(28), 9), BO_42=1)  # the last one: nothing from nine on
    shop.inventory.clock = lambda: at_ms(day(30), 10)
    shop.inventory.book("van", "BO-42", 2, "arrival")
    sell(shop, at_ms(day(30), 20), BO_42=1)
    boots = found(shop)["BO-42"]
    assert boots.first == OPENED
    assert units(boots) == [0, None, None, 1, 0]  # the 28th and all of the 29th, but not the 30th, a third of a day


def test_what_is_not_counted_is_never_out(shop: Shop) -> None:
    sell(shop, at_ms(day(28), 9), CA_1=2)
    assert units(found(shop)["CA-1"]) == [2, 0, 0, 0]  # known since it first sold


def test_what_has_just_come_has_no_days(shop: Shop) -> None:
    new = found(shop)["OX-43"]  # counted as 0 and never there
    assert (new.first, len(new.units), new.known_days) == (TODAY, 0, 0)
    everything = found(shop, OPENED)
    assert len(everything["LP-1"].units) == 0


def test_prices_and_promotions_reach_ahead(shop: Shop, film_shop: Path) -> None:
    (film_shop / "offers.csv").write_text(
        "sku,category,tier,percent_off,starts,ends\n"
        "TO-1,,,20,2026-03-31,2026-04-01\n"
        ",toys,,10,2026-04-01,2026-04-02\n"
        "TO-1,,gold,50,,\n"  # not for anybody
    )
    rows = ("TO-1,2026-03-27,1,11.00,", "TO-1,2026-03-29,1,9.00,2 for 1", "TO-1,2026-03-30,1,,week of toys")
    with_sales(film_shop, shop.engine, *rows)
    top = found(shop, ahead=3)["TO-1"]
    assert len(top.units) == 5
    assert top.price_cents.tolist() == [1100, 1250, 900, 1250, 1000, 1000, 1125, 1250]
    assert top.promotion.tolist() == [0, 0, 1, 1, 1, 1, 1, 0]


def test_a_price_stays_until_another_is_written(shop: Shop, film_shop: Path) -> None:
    rows = ("TO-1,2026-03-25,1,10.00,", "TO-1,2026-03-28,1,11.00,")
    with_sales(film_shop, shop.engine, *rows)
    assert found(shop)["TO-1"].price_cents.tolist() == [1000, 1000, 1000, 1100, 1250, 1250, 1250]


def test_only_some_and_only_what_there_is(shop: Shop) -> None:
    some = daily_demand(shop.engine, ZONE, TODAY, skus=["CO-M", "nope", "TO-1"])
    assert list(some) == ["CO-M", "TO-1"]
    assert next(iter(found(shop))) == "OX-41"


def test_an_empty_shop(empty: Engine) -> None:
    assert daily_demand(empty, ZONE, TODAY, 7) == {}
