"""Sales and conversations of a period: whose day a sale is, refunds, and what customers did not get."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import insert, update

from tests.office.shop_day import UTC, ShopDay, at_ms, turn
from tests.office.shop_day import day as day
from walkiosk.office.conversation_report import Conversion, conversation_report, where_given_up
from walkiosk.office.digest_value import Floats, Period
from walkiosk.office.reports import Figures, SalesReport, sales_report, shares
from walkiosk.store import tables
from walkiosk.store.demand import daily_demand

JUNE = Period(datetime.date(2026, 6, 1), datetime.date(2026, 6, 30))
NOON = at_ms("2026-06-10")
LATER = at_ms("2026-07-01")


def of(report: SalesReport, table: str) -> dict[str, Figures]:
    return {row.key: row.figures for row in getattr(report, table) if row.figures != Figures()}


def on(first: str, last: str | None = None) -> Period:
    return Period(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last or first))


def test_an_empty_shop_has_days_and_hours_without_sales(day: ShopDay) -> None:
    report = sales_report(day.store, JUNE)
    assert (report.sales, report.total, report.filed_days) == (0, Figures(), 0)
    assert [row.key for row in report.by_day][::29] == ["2026-06-01", "2026-06-30"] and len(report.by_hour) == 24
    assert report.by_item == report.by_category == report.by_language == ()
    told = conversation_report(day.store, JUNE, LATER)
    assert (told.conversion, told.times, told.missed, told.by_language) == (Conversion(), None, (), ())


def test_half_past_eleven_at_night_in_utc_is_tomorrow_in_madrid(day: ShopDay) -> None:
    day.sell(at_ms("2026-06-10", "23:30", UTC), TO_1=2)
    report = sales_report(day.store, JUNE)
    assert of(report, "by_day") == {"2026-06-11": Figures(2, 2500)}
    assert of(report, "by_hour") == {"01": Figures(2, 2500)}
    assert sales_report(day.store, on("2026-06-10")).sales == 0
    assert sales_report(day.store, on("2026-06-11")).sales == 1


def test_the_night_in_which_an_hour_is_missing_or_double(day: ShopDay) -> None:
    for night, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        first = at_ms(night, "00:00")
        assert (
            at_ms(str(datetime.date.fromisoformat(night) + datetime.timedelta(1)), "00:00") - first == hours * 3_600_000
        )
        day.sell(first, CA_1=1)
        day.sell(first + (hours * 60 - 1) * 60_000, CA_1=1)
        assert of(sales_report(day.store, on(night)), "by_hour").keys() == {"00", "23"}


def test_by_item_category_and_language(day: ShopDay) -> None:
    day.sell(NOON, "es", OX_42=1, TO_1=1)
    day.sell(NOON + 60_000, "en", TO_1=2)
    day.sell(NOON + 120_000, TO_1=1)  # nobody knows in which language
    report = sales_report(day.store, JUNE)
    assert report.sales == 3 and report.total.units == 5
    oxford = report.total.takings_cents - 4 * 1250
    assert [(row.name, row.figures) for row in report.by_item] == [
        ("Brown oxford", Figures(1, oxford)),
        ("Spinning top", Figures(4, 5000)),
    ]
    assert of(report, "by_category").keys() == {"Shoes", "Toys"}
    assert of(report, "by_language") == {
        "es": Figures(2, oxford + 1250),
        "en": Figures(2, 2500),
        "": Figures(1, 1250),
    }


def test_what_jammed_is_not_sold(day: ShopDay) -> None:
    day.shop.dispenser.jam_next("B2")
    day.sell(NOON, TO_1=1, OX_42=1)
    report = sales_report(day.store, JUNE)
    assert [row.key for row in report.by_item] == ["OX-42"] and report.total.units == 1


def test_a_refund_counts_on_its_own_day_and_is_spread_over_the_goods(day: ShopDay) -> None:
    sale = day.sell(NOON, "es", OX_42=1, TO_1=1)
    day.refund(at_ms("2026-06-12"), sale, 1001)
    report = sales_report(day.store, JUNE)
    assert report.total.refunds_cents == 1001 and report.total.net_cents == sale.captured_cents - 1001
    assert of(report, "by_day")["2026-06-12"] == Figures(0, 0, 1001)
    refunds = [row.figures.refunds_cents for row in report.by_item]
    assert sum(refunds) == 1001 and refunds == shares(1001, [sale.captured_cents - 1250, 1250])
    assert of(report, "by_language")["es"].refunds_cents == 1001
    only = sales_report(day.store, on("2026-06-12"))
    assert (only.sales, only.total) == (0, Figures(0, 0, 1001))
    day.refund(at_ms("2026-06-13"), sale)
    assert sales_report(day.store, JUNE).total.net_cents == 0


def test_shares_lose_no_cent() -> None:
    assert shares(100, [1, 1, 1]) == [34, 33, 33]
    assert shares(7, [0, 0]) == [7, 0] and shares(0, [5]) == [0] and shares(5, []) == []


def test_days_without_a_sale_of_the_kiosk_come_from_the_file(day: ShopDay) -> None:
    january = on("2026-01-01", "2026-01-31")
    report = sales_report(day.store, january)
    assert of(report, "by_day") == {"2026-01-02": Figures(2, 17_980)}
    assert of(report, "by_hour") == {"": Figures(2, 17_980)} and report.unpriced_units == 0
    day.sell(at_ms("2026-01-01"), TO_1=1)  # tried out before the shop opened
    report = sales_report(day.store, january)
    assert report.total == Figures(3, 17_980 + 1250) and report.filed_days == 1
    day.sell(at_ms("2026-01-02"), TO_1=1)  # on this day its own books count, for everything
    report = sales_report(day.store, january)
    assert report.total == Figures(2, 2500) and report.filed_days == 0


def test_a_report_and_the_demand_count_the_same_days_alike(day: ShopDay, monkeypatch: pytest.MonkeyPatch) -> None:
    with day.engine.begin() as connection:
        connection.execute(update(tables.stock_movement).values(at_ms=at_ms("2026-01-01")))  # all is there
        rows = [("TO-1", 3, 4), ("TO-1", 4, 5), ("TO-1", 7, 6), ("OX-42", 4, 7), ("CA-1", 5, 8)]
        filed = [{"sku": sku, "date": datetime.date(2026, 1, on_day), "units": units} for sku, on_day, units in rows]
        connection.execute(insert(tables.past_sale), filed)
    day.sell(at_ms("2026-01-04", "00:00"), TO_1=1)
    day.shop.dispenser.jam_next("B2")
    day.sell(at_ms("2026-01-05"), TO_1=1)  # nothing was sold: the day is the file's
    fall = day.shop.dispenser.dispense

    def slowly(key: str, slot: str) -> object:
        day.shop.now = at_ms("2026-01-07", "00:01")
        return fall(key, slot)

    monkeypatch.setattr(day.shop.dispenser, "dispense", slowly)
    day.sell(at_ms("2026-01-06", "23:59"), TO_1=2)  # paid when it has fallen, which is tomorrow
    week = on("2026-01-01", "2026-01-08")
    told = [row.figures.units for row in sales_report(day.store, week).by_day]
    demand = daily_demand(day.engine, day.store.settings.time_zone, week.until + datetime.timedelta(1))
    asked = np.nansum([[0.0] * (8 - len(one.units)) + one.units.tolist() for one in demand.values()], axis=0)
    assert told == asked.tolist() == [0, 2, 4, 1, 8, 0, 2, 0]


def test_conversations_become_sales(day: ShopDay) -> None:
    day.sell(NOON, "es", TO_1=1)
    day.talk(NOON, turn("a top", "found_product", answer_ms=100), turn("", "added", action="choose", answer_ms=300))
    day.talk(NOON, turn("hello", "smalltalk", action="smalltalk", answer_ms=200))
    day.talk(at_ms("2026-05-31"), turn("a top", "found_product"))
    told = conversation_report(day.store, JUNE, LATER)
    assert told.conversion == Conversion(3, 1, 2, 1) and told.turns == 4
    assert told.by_language == (("en", Conversion(2, 1, 1, 0)), ("es", Conversion(1, 0, 1, 1)))
    assert told.times is not None
    assert (told.times.answers, told.times.p50_ms, told.times.p90_ms) == (3, 200, 300)
    assert told.gave_up == {"payment": 0, "basket": 1, "unanswered": 0, "shown": 0}


@pytest.mark.parametrize(
    ("events", "place"),
    [
        (["smalltalk"], None),
        (["answer_literal"], None),
        (["found_product", "answer_count"], None),
        (["found_product"], "shown"),
        (["answer_literal", "not_understood"], "unanswered"),
        (["not_found", "found_product"], "shown"),
        (["found_product", "added", "not_found"], "basket"),
        (["found_product", "added", "checkout", "declined", "cancelled"], "payment"),
        (["found_product", "size_missing"], "unanswered"),
    ],
)
def test_where_customers_give_up(day: ShopDay, events: list[str], place: str | None) -> None:
    asking = ("smalltalk", "declined", "checkout", "cancelled", "added")
    turns = [turn("x", event, action="smalltalk" if event in asking else "answer") for event in events]
    assert where_given_up(day.talk(NOON, *turns)) == place


def test_a_conversation_that_never_ends_is_over_after_a_while(day: ShopDay) -> None:
    day.talk(NOON, turn("a top", "found_product"), ended=False)
    assert sum(conversation_report(day.store, JUNE, NOON + 60_000).gave_up.values()) == 0
    assert conversation_report(day.store, JUNE, NOON + 11 * 60_000).gave_up["shown"] == 1


def by_topic(texts: Sequence[str]) -> Floats:
    """Vectors of a model that knows of two topics: ghosts and whatever else."""
    rows = np.array([[1, 0.1] if "ghost" in text or "fantasma" in text else [0, 1] for text in texts], np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_what_was_not_found_is_put_together_by_meaning(day: ShopDay) -> None:
    day.talk(NOON, turn("the ghost mask", "not_found"), turn("a ghost mask!", "not_found"))
    day.talk(NOON, turn("la máscara del fantasma", "not_found"), language="es")
    day.talk(NOON + 1, turn("umbrellas", "not_found"))
    day.talk(NOON, turn("a ghost", "not_understood", action="not_understood"))
    told = conversation_report(day.store, JUNE, LATER, by_topic)
    first, *others = told.missed
    assert (first.missed, first.people, first.times, first.languages) == ("not_found", 2, 3, ("en", "es"))
    assert "ghost" in first.words or "fantasma" in first.words
    assert len(first.examples) == 3 and first.last == datetime.date(2026, 6, 10)
    assert [(each.missed, each.words, each.people) for each in others] == [
        ("not_found", "umbrellas", 1),
        ("not_understood", "a ghost", 1),
    ]


def test_without_a_model_the_same_words_are_put_together(day: ShopDay) -> None:
    for said in ("Ghost mask", "ghost mask!", "mask of a ghost"):
        day.talk(NOON, turn(said, "not_found"))
    assert [each.people for each in conversation_report(day.store, JUNE, LATER).missed] == [2, 1]


def test_what_was_sold_out_is_put_together_by_product(day: ShopDay) -> None:
    day.talk(NOON, turn("the brown ones", "out_of_stock", skus=("OX-43", "TO-1")))
    day.talk(NOON, turn("", "size_missing", action="choose", skus=("OX-43",)), language="es")
    (missed,) = conversation_report(day.store, JUNE, LATER, by_topic).missed
    assert (missed.missed, missed.sku, missed.words, missed.people) == ("out_of_stock", "OX-43", "Brown oxford", 2)
    assert missed.examples == ("the brown ones",)
