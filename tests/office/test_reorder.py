"""What to order, from a shop's books and a forecaster that says what lately was."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from tests.office.shop_day import MADRID, at_ms
from walkiosk.modality.value import QUANTILES
from walkiosk.office.reorder import forecasts, items_of, proposals, reorder, terms_of
from walkiosk.skill.forecasting import History, Values
from walkiosk.store import Store, tables
from walkiosk.store.demand import DailyDemand
from walkiosk.store.lead_time_demand import Demand
from walkiosk.store.order_book import Wanted
from walkiosk.store.replenishment import Forecast, Proposal

TODAY = datetime.date(2026, 11, 28)
DAYS = 120
PRODUCTS = """sku,name,category,price,size,stock,slot,slot_capacity,pack_size,shelf_life_days,tax_percent
cola,Cola,drink,2.00,,3,A1,60,12,90,
water,Water,drink,1.00,,80,A2,60,12,,10
juice,Juice,drink,4.00,,0,A3,60,,,
lamp,Lamp,lamp,50.00,XL,2,A4,4,,,
old,Old lamp,lamp,50.00,,1,A5,4,,,
odd,Odd lamp,lamp,50.00,,1,,,,,
tip,Tip,voucher,5.00,,,,,,,
poster,Poster,poster,9.00,,0,A6,10,,,
"""
SETTINGS = """name = "Corner"
wake_phrase = "Hello"
currency = "EUR"
time_zone = "Europe/Madrid"
languages = ["en"]
lead_time_days = 2
review_days = 2
tax_percent = 25
margin_percent = 30
"""


def sales(sku: str, units: float, days: int = DAYS, until: int = 0, every: int = 1) -> list[str]:
    """Rows of so many units on each of the last days, up to `until` days ago."""
    return [
        f"{sku},{TODAY - datetime.timedelta(back)},{units}"
        for back in range(days, until, -1)
        if back % every == 0 or back == days
    ]


def fake(histories: Sequence[History], horizon: int) -> list[Values]:
    """Chance around the mean of all known days, twice that on promotions."""
    found = []
    for history in histories:
        assert history.promotion is not None
        assert len(history.promotion) == len(history.values) + horizon
        mean = float(np.nanmean(history.values))
        spread = np.array([[float(Demand(each, each).quantile(q)) for q in QUANTILES] for each in (mean, 2 * mean)])
        found.append(spread[history.promotion[-horizon:].astype(int)])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corner shop: drinks that sell, of which the juice is new; a lamp now and then, one that nobody wants."""
    place = tmp_path / "corner"
    place.mkdir()
    rows = [
        *sales("cola", 8),
        *sales("water", 4),
        *sales("lamp", 1, every=20),
        *sales("old", 1, until=100),
        *sales("odd", 0),
        *sales("tip", 1),
    ]
    (place / "products.csv").write_text(PRODUCTS)
    (place / "store.toml").write_text(SETTINGS)
    (place / "sales.csv").write_text("\n".join(["sku,date,units", *rows, ""]))
    return place


def opened(folder: Path) -> Store:
    """The shop, its goods counted in this morning."""
    store = Store.open(folder, "sqlite://")
    with store.engine.begin() as connection:
        connection.execute(update(tables.stock_movement).values(at_ms=at_ms(str(TODAY), "08:00", MADRID)))
    return store


@pytest.fixture
def store(folder: Path) -> Store:
    return opened(folder)


def found(store: Store) -> dict[str, Proposal]:
    proposed = reorder(store, fake, TODAY)
    assert [each.item.sku for each in proposed] == ["cola", "water", "juice", "lamp", "old", "odd", "tip", "poster"]
    return {each.item.sku: each for each in proposed}


def test_the_morning_list(store: Store) -> None:
    list_ = found(store)
    cola = list_["cola"]
    assert (cola.days, cola.source) == (4, "history")
    assert cola.demand.mean == pytest.approx(4 * 8, rel=0.03)
    assert 38 <= cola.reorder_point <= 46
    assert (cola.bound, cola.packs, cola.units) == ("pack", 4, 48)
    assert list_["water"].bound == "enough"
    assert (list_["tip"].bound, list_["tip"].units) == ("not_counted", 0)
    assert list_["tip"].demand.mean == pytest.approx(4, rel=0.15)


def test_costs_are_what_the_price_leaves(store: Store) -> None:
    items = {each.sku: each for each in items_of(store)}
    assert (items["cola"].unit_cost_cents, items["cola"].unit_margin_cents) == (112, 48)  # 160 before tax
    assert items["water"].unit_cost_cents == round(100 / 1.1 * 0.7)  # its own tax
    assert (items["lamp"].name, items["lamp"].capacity, items["lamp"].pack_size) == ("Lamp, XL", 4, 1)
    assert (items["odd"].capacity, items["odd"].on_hand, items["tip"].on_hand) == (None, 1, None)
    assert found(store)["cola"].cost_cents == 48 * 112


def test_terms_are_the_shops(store: Store) -> None:
    terms = terms_of(store.settings)
    assert (terms.lead_days, terms.review_days, terms.cover_days, terms.service_level) == (2, 2, 0, 0.95)


def test_what_is_on_its_way_counts(store: Store) -> None:
    order = store.orders.propose("today", [Wanted("cola", 24)], "ana")
    assert found(store)["cola"].units == 48
    store.orders.place(order.id, "ana")
    assert (found(store)["cola"].item.on_order, found(store)["cola"].units) == (24, 24)
    store.orders.arrive(order.id, "van", {"cola": 24})
    cola = found(store)["cola"]
    assert (cola.item.on_hand, cola.item.on_order, cola.units) == (27, 0, 24)


def test_a_new_product_starts_from_its_category(store: Store) -> None:
    juice = found(store)["juice"]
    assert juice.source == "category"
    per_day = (8 * 200 / 400 + 4 * 100 / 400) / 3  # what the drinks earn, shared by three, at the juice's price
    assert juice.demand.mean == pytest.approx(4 * per_day, rel=0.05)
    assert juice.demand.variance > juice.demand.mean  # drinks differ
    assert "from its category's sales, as it is new" in juice.reason
    assert juice.units > 0


def test_a_category_that_nobody_knows_says_nothing(store: Store) -> None:
    poster = found(store)["poster"]
    assert (poster.source, poster.bound, poster.units) == ("nothing", "no_demand", 0)


def test_what_is_known_of_a_newcomer_counts_more_each_day(store: Store) -> None:
    quantiles = {sku: np.full((14, 9), float(mean)) for sku, mean in (("cola", 8), ("water", 4), ("juice", 10))}

    def mean_after(days: int) -> float:
        known = {sku: _days(sku, 8, 120) for sku in ("cola", "water")} | {"juice": _days("juice", 10, days)}
        return float(forecasts(store, known, quantiles)["juice"].mean[0])

    assert mean_after(0) == pytest.approx(5 / 3, rel=0.05)
    assert mean_after(14) == pytest.approx((5 / 3 + 10) / 2, rel=0.05)
    assert mean_after(28) == pytest.approx(10, rel=0.01)


def _days(sku: str, units: float, known: int) -> DailyDemand:
    return DailyDemand(sku, TODAY - datetime.timedelta(known), np.full(known, units), np.ones(known), np.zeros(known))


def test_what_nobody_wants_is_not_ordered(store: Store) -> None:
    list_ = found(store)
    assert (list_["old"].bound, list_["old"].demand.mean) == (list_["odd"].bound, 0) == ("no_demand", 0)
    assert list_["odd"].units == list_["old"].units == 0
    lamp = list_["lamp"]  # one in twenty days: quantiles of a day see nothing, its rate does
    assert 0.1 < lamp.demand.mean < 0.3
    assert lamp.reorder_point >= 1


def test_a_promotion_ahead_is_ordered_for(folder: Path) -> None:
    (folder / "offers.csv").write_text("sku,percent_off,starts,ends\ncola,20,2026-11-29,2026-11-30\n")
    cola = found(opened(folder))["cola"]
    assert cola.demand.mean == pytest.approx(8 + 16 + 16 + 8, rel=0.03)


def test_the_shelf_and_the_budget_bound(folder: Path) -> None:
    text = (folder / "products.csv").read_text()
    (folder / "products.csv").write_text(text.replace("cola,Cola,drink,2.00,,3,A1,60", "cola,Cola,drink,2.00,,3,A1,30"))
    slot = found(opened(folder))["cola"]
    assert (slot.bound, slot.units) == ("slot", 24)
    (folder / "products.csv").write_text(text)
    (folder / "store.toml").write_text(SETTINGS + "order_budget = 30\n")
    list_ = found(opened(folder))
    assert sum(each.cost_cents for each in list_.values()) <= 3000
    cut = [each for each in list_.values() if each.bound == "budget"]
    assert cut
    assert all(each.cut_units > 0 and "budget" in each.reason for each in cut)


def test_sales_of_today_are_on_the_shelf_and_not_in_the_forecast(store: Store) -> None:
    before = found(store)["cola"]
    now = at_ms(str(TODAY), "10:00", MADRID)
    store.inventory.clock = lambda: now
    store.inventory.book("broken", "cola", -2, "write_off")
    after = found(store)["cola"]
    assert (before.item.on_hand, after.item.on_hand) == (3, 1)
    assert after.demand == before.demand


def test_a_shop_without_sales_orders_nothing(folder: Path) -> None:
    (folder / "sales.csv").unlink()
    store = opened(folder)

    def never(histories: Sequence[History], horizon: int) -> list[Values]:
        raise AssertionError("there is nothing to forecast")

    assert all(each.units == 0 for each in reorder(store, never, TODAY))
    assert all(each.bound in ("no_demand", "not_counted") for each in proposals(store, {}, {}))


def test_forecasts_are_of_every_product(store: Store) -> None:
    nothing = forecasts(store, {}, {})
    assert len(nothing) == 8
    assert all(isinstance(each, Forecast) and each.source == "nothing" for each in nothing.values())
