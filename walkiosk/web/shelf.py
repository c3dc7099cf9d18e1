"""What the shop shows of itself when nobody asks: some of its goods, of every kind, with a picture each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from walkiosk.store.catalogue import Product
from walkiosk.web.tiles import tile

if TYPE_CHECKING:
    from walkiosk.store import Store

MOST = 24  # goods on the shelf
LanguageCode = Annotated[str, Path(pattern="^[a-z]{2,3}$")]


@dataclass(frozen=True)
class Good:
    """One thing on the shelf: its name in the language asked, its shelf price, and its picture in the store folder."""

    sku: str
    name: str
    price_cents: int
    image: str  # "" leaves it to the tile


class Shelf:
    """The goods of the shop that `store` gives at the time of asking; `store` is called anew for each request."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def goods(self, language: str) -> tuple[Good, ...]:
        """Up to `MOST` things in stock, one of each category first; goods for adults are left out."""
        store = self._store()
        every = [product for product in store.catalogue.all(language) if product.minimum_age == 0]
        left = store.inventory.available_of(product.sku for product in every)
        return tuple(_good(product) for product in _choice(p for p in every if left.get(p.sku, 0) != 0))

    def tile(self, sku: str, initial: bool) -> str | None:
        """The drawn tile of a product as SVG, the same in all languages; None for one that the shop does not have."""
        product = self._store().catalogue.product(sku)
        return tile(product.name, product.category, initial) if isinstance(product, Product) else None


def _good(product: Product) -> Good:
    return Good(product.sku, product.name, product.price_cents, product.image or "")


def _choice(products: Iterable[Product]) -> list[Product]:
    """One thing of every category, then a second one of each, up to `MOST`; the same on every day of the same stock."""
    shelves: dict[str, dict[str, Product]] = {}
    for product in products:
        shelves.setdefault(product.category, {}).setdefault(product.thing, product)
    ordered = [sorted(things.values(), key=lambda product: _mark(product.thing)) for things in shelves.values()]
    rounds = range(max(map(len, ordered), default=0))
    return [things[turn] for turn in rounds for things in ordered if turn < len(things)][:MOST]


def _mark(thing: str) -> bytes:
    return hashlib.blake2b(thing.encode(), digest_size=8).digest()


def router(store: Callable[[], Store]) -> APIRouter:
    """`/shelf/LANGUAGE` has the goods, `/tile/SKU` a tile, `/ground/SKU` the same without a letter on it."""
    shelf, routes = Shelf(store), APIRouter()

    @routes.get("/shelf/{language}")
    def goods(language: LanguageCode) -> tuple[Good, ...]:  # in a thread: it asks the database
        return shelf.goods(language)

    @routes.get("/tile/{sku:path}")
    def drawn(sku: str) -> Response:
        return _svg(shelf.tile(sku, initial=True))

    @routes.get("/ground/{sku:path}")
    def ground(sku: str) -> Response:
        return _svg(shelf.tile(sku, initial=False))

    return routes


def _svg(drawing: str | None) -> Response:
    if drawing is None:
        raise HTTPException(404, "the shop has no such product")
    return Response(drawing, media_type="image/svg+xml")
