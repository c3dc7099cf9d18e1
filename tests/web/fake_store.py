"""What the page asks of a store beside the conversation: its settings, its goods, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from walkiosk.store.catalogue import Product
from walkiosk.store.outcome import NotFound
from walkiosk.store.settings import Settings

SETTINGS = Settings("The Film Shop", ("OK Walmrt",), "EUR", "Europe/Madrid", ("en", "es"))


def product(sku: str, name: str, category: str, price_cents: int, image: str | None = None) -> Product:
    """A product in one size."""
    return Product(
        sku, sku, name, category, price_cents, None, None, None, None, 0, None, None, image, None, counted=True
    )  # fmt: skip


GOODS = (
    product("oxford-42", "Cobb’s black Oxford", "shoes", 18900, "images/oxford.jpg"),
    product("runner-42", "Rooftop runner", "shoes", 9950, "images/runner.jpg"),
    product("boot-43", "Snow fortress boot", "shoes", 21900, "images/boot.jpg"),
    product("mug-1", "Totem mug", "mug", 1450),
    product("poster-1", "Folding city poster", "poster", 1990),
    product("hat-1", "Dream thief’s hat", "hat", 4900),
    product("coat-1", "Long winter coat", "coat", 19900),
    product("disc-1", "Music of the dream", "vinyl", 2790),
    product("whisky-1", "Old whisky", "drink", 3900),
)


@dataclass
class FakeStore:
    """Goods in English, with "es" before a Spanish name; `left` counts what is there, two of what it does not say."""

    settings: Settings = SETTINGS
    goods: tuple[Product, ...] = (*GOODS[:-1], replace(GOODS[-1], minimum_age=18))
    left: dict[str, int | None] = field(default_factory=dict)

    @property
    def catalogue(self) -> FakeStore:
        return self

    @property
    def inventory(self) -> FakeStore:
        return self

    def all(self, language: str | None = None) -> tuple[Product, ...]:
        return tuple(replace(each, name=f"es {each.name}") if language == "es" else each for each in self.goods)

    def product(self, sku: str, language: str | None = None) -> Product | NotFound:
        return next((each for each in self.goods if each.sku == sku), None) or NotFound("product", sku)

    def available_of(self, skus: Iterable[str]) -> dict[str, int | None]:
        return {sku: self.left.get(sku, 2) for sku in skus}


@dataclass
class FakeShop:
    """The part of `walkiosk.kiosk.goods.Shop` that the web asks."""

    store: FakeStore = field(default_factory=FakeStore)
