"""The basket: what a customer wants, at today's prices, within the shop's caps."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select, update

from walkiosk.store import tables
from walkiosk.store.catalogue import Product, read_products
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing
from walkiosk.store.inventory import Inventory
from walkiosk.store.offers import Deal, Offers
from walkiosk.store.outcome import NotFound, OutOfStock, OverCap
from walkiosk.store.settings import Settings


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many of one product, and what one costs this customer today."""

    product: Product
    quantity: int
    deal: Deal

    @property
    def cents(self) -> int:
        """What the line costs."""
        return self.quantity * self.deal.pay_cents


@dataclass(frozen=True, slots=True)
class Basket:
    """A customer's basket, lines in the order in which they were put in."""

    id: str
    customer_id: str | None
    lines: tuple[BasketLine, ...]

    @property
    def total_cents(self) -> int:
        """What it costs, tax included."""
        return sum(line.cents for line in self.lines)


Refusal = NotFound | OverCap | OutOfStock


class Baskets:
    """Keeps baskets; nothing is held before the customer goes to pay."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        offers: Offers,
        inventory: Inventory,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.offers = offers
        self.inventory = inventory
        self.clock = clock

    def create(self, customer_id: str | None = None) -> Basket:
        """A new basket, for a known customer or for anybody."""
        basket_id = secrets.token_hex(16)
        with writing(self.engine).begin() as connection:
            values = {"id": basket_id, "customer_id": customer_id, "open": True, "created_ms": self.clock()}
            connection.execute(insert(tables.basket).values(values))
        return Basket(basket_id, customer_id, ())

    def basket(self, basket_id: str, language: str | None = None) -> Basket | NotFound:
        """The basket at today's prices; products that the shop no longer has are left out."""
        with self.engine.connect() as connection:
            return self.basket_in(connection, basket_id, language)

    def basket_in(self, connection: Connection, basket_id: str, language: str | None = None) -> Basket | NotFound:
        """The same within a transaction."""
        basket, line = tables.basket, tables.basket_line
        row = connection.execute(select(basket).where(basket.c.id == basket_id)).one_or_none()
        if row is None:
            return NotFound("basket", basket_id)
        wanted = connection.execute(
            select(line.c.sku, line.c.quantity).where(line.c.basket_id == basket_id).order_by(line.c.position)
        )
        quantities = {sku: quantity for sku, quantity in wanted}
        condition = tables.product.c.sku.in_(list(quantities))
        products = {product.sku: product for product in read_products(connection, condition, language)}
        tier = select(tables.customer.c.tier).where(tables.customer.c.id == row.customer_id)
        own_tier = connection.execute(tier).scalar()
        lines = [
            BasketLine(products[sku], quantity, self.offers.deal_in(connection, products[sku], own_tier))
            for sku, quantity in quantities.items()
            if sku in products
        ]
        return Basket(basket_id, row.customer_id, tuple(lines))

    def assign(self, basket_id: str, customer_id: str | None) -> Basket | NotFound:
        """Gives the basket to a customer who has said who they are, or to nobody."""
        with writing(self.engine).begin() as connection:
            own = update(tables.basket).where(tables.basket.c.id == basket_id).values(customer_id=customer_id)
            connection.execute(own)
            return self.basket_in(connection, basket_id)

    def add(self, basket_id: str, sku: str, quantity: int = 1) -> Basket | Refusal:
        """Puts more of a product in, if all of it may be bought at once and is there."""
        return self._change(basket_id, sku, lambda before: before + quantity)

    def set_quantity(self, basket_id: str, sku: str, quantity: int) -> Basket | Refusal:
        """Makes it so many of a product; 0 takes it out."""
        return self._change(basket_id, sku, lambda _: quantity)

    def remove(self, basket_id: str, sku: str, quantity: int | None = None) -> Basket | Refusal:
        """Takes some or all of a product out."""
        return self._change(basket_id, sku, lambda before: 0 if quantity is None else before - quantity)

    def clear(self, basket_id: str) -> Basket | NotFound:
        """Takes everything out."""
        with writing(self.engine).begin() as connection:
            connection.execute(tables.basket_line.delete().where(tables.basket_line.c.basket_id == basket_id))
            return self.basket_in(connection, basket_id)

    def _change(self, basket_id: str, sku: str, quantity_of: Callable[[int], int]) -> Basket | Refusal:
        sku = sku.removeprefix("sku:")
        with writing(self.engine).begin() as connection:
            is_open = select(tables.basket.c.open).where(tables.basket.c.id == basket_id).with_for_update()
            if not connection.execute(is_open).scalar():
                return NotFound("basket", basket_id)  # while it is being sold it does not change
            basket = self.basket_in(connection, basket_id)
            if isinstance(basket, NotFound):
                return basket
            before = next((line.quantity for line in basket.lines if line.product.sku == sku), 0)
            quantity = max(0, quantity_of(before))
            products = read_products(connection, tables.product.c.sku == sku)
            if not products:
                return NotFound("product", sku)
            if quantity > before:  # taking out is always allowed
                units = sum(line.quantity for line in basket.lines) - before + quantity
                if refusal := self.refusal(connection, products[0], quantity, units):
                    return refusal
            _write_line(connection, basket_id, sku, quantity)
            return self.basket_in(connection, basket_id)

    def refusal(
        self, connection: Connection, product: Product, quantity: int, units: int
    ) -> OverCap | OutOfStock | None:
        """Why `quantity` of a product cannot be sold in a sale of `units` in all."""
        cap = self.settings.item_cap if product.item_cap is None else product.item_cap
        if quantity > cap:
            return OverCap(product.sku, quantity, cap)
        if units > self.settings.sale_cap:
            return OverCap(None, units, self.settings.sale_cap)
        available = self.inventory.available_in(connection, [product.sku])[product.sku]
        return None if available is None or quantity <= available else OutOfStock(product.sku, quantity, available)


def _write_line(connection: Connection, basket_id: str, sku: str, quantity: int) -> None:
    line = tables.basket_line
    own = (line.c.basket_id == basket_id) & (line.c.sku == sku)
    if quantity == 0:
        connection.execute(line.delete().where(own))
    elif connection.execute(update(line).where(own).values(quantity=quantity)).rowcount == 0:
        last = connection.execute(select(func.max(line.c.position)).where(line.c.basket_id == basket_id)).scalar()
        values = {"basket_id": basket_id, "sku": sku, "position": (last or 0) + 1, "quantity": quantity}
        connection.execute(insert(line).values(values))
