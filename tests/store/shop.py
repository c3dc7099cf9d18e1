"""A shop's parts on one database, with a clock that stands still and devices that outlive a restart."""

from typing import Any

from sqlalchemy import Engine

from walkiosk.store.basket import Basket, Baskets
from walkiosk.store.dispenser import SimulatedDispenser
from walkiosk.store.inventory import Inventory
from walkiosk.store.loading import read_loaded_settings
from walkiosk.store.offers import Offers
from walkiosk.store.payment import SimulatedReader
from walkiosk.store.sale import Delivery, Sales
from walkiosk.store.sale_book import Sale


class Shop:
    """A shop's parts on one database, with devices that remember across restarts."""

    def __init__(self, engine: Engine, reader: Any = None, dispenser: Any = None) -> None:
        self.engine = engine
        self.now = 1_780_000_000_000
        self.reader = reader or SimulatedReader()
        self.dispenser = dispenser or SimulatedDispenser()
        settings = read_loaded_settings(engine)
        assert settings is not None
        self.inventory = Inventory(engine, self.clock)
        offers = Offers(engine, settings.time_zone, self.clock)
        self.baskets = Baskets(engine, settings, offers, self.inventory, self.clock)
        self.sales = Sales(engine, settings, self.baskets, self.reader, self.dispenser, self.clock)

    def clock(self) -> int:
        return self.now

    def basket(self, **wanted: int) -> str:
        basket_id = self.baskets.create().id
        for sku, quantity in wanted.items():
            added = self.baskets.add(basket_id, sku.replace("_", "-"), quantity)
            assert isinstance(added, Basket), added
        return basket_id

    def reserved(self, **wanted: int) -> Sale:
        sale = self.sales.reserve(self.basket(**wanted))
        assert isinstance(sale, Sale), sale
        return sale

    def paid(self, **wanted: int) -> Sale:
        sale = self.sales.pay(self.reserved(**wanted).id)
        assert isinstance(sale, Sale), sale
        return sale

    def delivered(self, sale: Sale) -> Delivery:
        delivery = self.sales.dispense(sale.id)
        assert isinstance(delivery, Delivery)
        return delivery

    def state(self, sale: Sale) -> str:
        found = self.sales.sale(sale.id)
        assert isinstance(found, Sale)
        return found.state
