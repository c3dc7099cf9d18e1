"""What the forecaster reads of a shop: the same of a product, whoever asks, with the holidays of wherever it is."""

from __future__ import annotations

import datetime
from dataclasses import replace

from babel.core import get_global

from tests.office.shop_day import ShopDay
from tests.office.shop_day import day as day
from walkiosk.modality.season import holidays_of
from walkiosk.office.histories import histories_of
from walkiosk.store.demand import daily_demand

TODAY = datetime.date(2026, 1, 12)


def test_a_product_with_its_size_its_price_and_what_is_ahead(day: ShopDay) -> None:
    store = day.store
    days = daily_demand(store.engine, store.settings.time_zone, TODAY, 7)
    found = histories_of(store, days)
    assert list(found) == list(days)
    sold = found["OX-42"]
    assert (sold.name, sold.category, sold.country, sold.frequency) == ("Brown oxford, 42", "Shoes", "ES", "D")
    assert sold.first == days["OX-42"].first and sold.values is days["OX-42"].units
    assert sold.price is not None and len(sold.price) == len(sold.values) + 7
    assert found["TO-1"].name == "Spinning top"


def test_every_shop_has_its_countrys_holidays(day: ShopDay) -> None:
    settings = day.store.settings
    countries = {replace(settings, time_zone=zone).country for zone in get_global("zone_territories")} - {""}
    assert len(countries) > 200
    for country in countries:
        holidays_of(country, ())  # raises where nobody here knows them
