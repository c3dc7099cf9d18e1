"""The goods: a list to search, with pictures, prices and what is left of each."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse
from sqlalchemy import and_, or_

from walkiosk.store import Store, tables
from walkiosk.store.catalogue import Product, read_products
from walkiosk.store.folding import like_patterns
from walkiosk.web.media import NamedMedia
from walkiosk.web.office import parts
from walkiosk.web.office.frame import page
from walkiosk.web.office.row_form import notice, thumbnail
from walkiosk.web.office.visit import Visit

LISTED = 30  # on one page
files = APIRouter()
media_of = lru_cache(maxsize=4)(NamedMedia)


@files.get("/picture/{path:path}")
def picture(request: Request, path: str) -> FileResponse:
    """A picture or a clip that the shop names."""
    folder: Path | None = request.state.office.store.folder
    file = media_of(folder).file(path) if folder else None
    if file is None:
        raise HTTPException(404, "the shop names no such picture")
    return FileResponse(file)


def address(sku: str) -> str:
    """Where a product's page is."""
    return f"/catalogue/item?sku={quote(sku, safe='')}"


@page("/catalogue")
async def catalogue(visit: Visit) -> None:
    """The goods by name, sku or category."""
    words = visit.words
    query, number = visit.query.get("q", ""), visit.page
    may_edit = await notice(visit)
    found = await visit.office.read(lambda: _found(visit.store, query, visit.words.language))
    search(visit, "/catalogue", query, ("add_item", "/catalogue/new") if may_edit else None)
    if not found:
        nothing(visit, query)
        return
    shown = found[(number - 1) * LISTED : number * LISTED]
    left = await visit.office.read(
        lambda: visit.store.inventory.available_of((each.sku for each in shown), everywhere=True)
    )
    with parts.card():
        parts.table(
            [words(key) for key in ("item", "column_category", "column_price", "column_stock", "column_slot")],
            [_row(visit, product, left[product.sku]) for product in shown],
            numbers=(2, 3),
        )
    pages = (len(found) + LISTED - 1) // LISTED
    parts.pages(visit, number, pages, lambda other: f"/catalogue?{urlencode({'q': query, 'page': other})}")


def search(visit: Visit, to: str, query: str, more: tuple[str, str] | None = None) -> None:
    """A line to search with, and a link (key, address) to add something."""
    with parts.asking(to, visit.words("search")).props("role=search"):
        parts.asked_for("q", visit.words("search"), query)
        if more:
            parts.link(visit.words(more[0]), more[1]).classes("act main as-button")


def nothing(visit: Visit, asked: str) -> None:
    """Says that nothing is called so; or, when nothing was asked for, that there is nothing at all."""
    parts.note(visit.words("nothing_found" if asked.strip() else "nothing_there"))


def _found(store: Store, query: str, language: str) -> tuple[Product, ...]:
    product = tables.product
    words = and_(*(product.c.words.like(pattern) for pattern in like_patterns(query)))
    plain = [column.icontains(query.strip(), autoescape=True) for column in (product.c.sku, product.c.category)]
    condition = or_(words, *plain) if query.strip() else None
    with store.engine.connect() as connection:
        return read_products(connection, condition, language)


def _row(visit: Visit, product: Product, left: int | None) -> list[parts.Cell]:
    words = visit.words

    def name() -> None:
        with parts.box("pictured"):
            thumbnail(product.image)
            with parts.box("two-lines"):
                parts.link(" · ".join(filter(None, (product.name, product.colour, product.size))), address(product.sku))
                parts.text(product.sku, "span").classes("soft small")

    def stock() -> None:
        if left is None:
            parts.text(words("not_counted"), "span").classes("soft")
        else:
            parts.badge(words.number(left), "bad" if left == 0 else "plain")

    return [name, product.category, words.money(product.price_cents), stock, product.slot or "–"]
