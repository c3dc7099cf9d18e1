"""The goods: products with their sizes, prices and names in the customer's language."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, select

from walkiosk.store import tables
from walkiosk.store.folding import fold
from walkiosk.store.outcome import NotFound

BATCH = 500  # skus in one query


@dataclass(frozen=True, slots=True)
class Product:
    """One sku; `thing` is the same for all sizes of a style and colour, words are in the language asked."""

    sku: str
    thing: str
    name: str
    category: str
    price_cents: int
    style: str | None
    size: str | None
    colour: str | None
    slot: str | None
    minimum_age: int
    tax_basis_points: int | None
    item_cap: int | None
    image: str | None
    description: str | None
    counted: bool

    @property
    def node(self) -> str:
        """Its name in the graph."""
        return f"sku:{self.sku}"


class Catalogue:
    """Reads products; prices and stock come from nowhere else."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def product(self, sku: str, language: str | None = None) -> Product | NotFound:
        """One product by its sku, or by its name in the graph."""
        sku = sku.removeprefix("sku:")
        return self.products([sku], language).get(sku) or NotFound("product", sku)

    def products(self, skus: Iterable[str], language: str | None = None) -> dict[str, Product]:
        """Those of the products that the shop has, by sku, in the order asked."""
        wanted = [sku.removeprefix("sku:") for sku in skus]
        found: dict[str, Product] = {}
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), BATCH):
                some = tables.product.c.sku.in_(wanted[start : start + BATCH])
                found |= {product.sku: product for product in read_products(connection, some, language)}
        return {sku: found[sku] for sku in dict.fromkeys(wanted) if sku in found}

    def all(self, language: str | None = None) -> tuple[Product, ...]:
        """Every product in the order of the file."""
        with self.engine.connect() as connection:
            return read_products(connection, None, language)

    def sizes(self, sku: str, language: str | None = None) -> tuple[Product, ...]:
        """All sizes of a product, itself included, from small to large; empty for one that is not there."""
        own = select(tables.product.c.thing).where(tables.product.c.sku == sku.removeprefix("sku:")).scalar_subquery()
        with self.engine.connect() as connection:
            return read_products(connection, tables.product.c.thing == own, language)

    def in_size(self, sku: str, size: str, language: str | None = None) -> Product | NotFound:
        """The same thing in that size, as the shop writes it whatever its case."""
        wanted = fold(size)
        sizes = self.sizes(sku, language)
        return next((p for p in sizes if p.size and fold(p.size) == wanted), None) or NotFound("size", size)


def read_products(
    connection: Connection, condition: ColumnElement[bool] | None = None, language: str | None = None
) -> tuple[Product, ...]:
    """Products that meet a condition on the product table, in the order of the file and of their sizes."""
    product, own = tables.product, tables.product_translation
    joined = product.outerjoin(own, and_(own.c.sku == product.c.sku, own.c.language == (language or "")))
    rows = (
        select(product, own.c.name.label("own_name"), own.c.description.label("own_description"))
        .select_from(joined)
        .order_by(product.c.size_number.nulls_last(), product.c.position)
    )
    if condition is not None:
        rows = rows.where(condition)
    found = [
        (
            row.position,
            Product(
                sku=row.sku,
                thing=row.thing,
                name=row.own_name or row.name,
                category=row.category,
                price_cents=row.price_cents,
                style=row.style,
                size=row.size,
                colour=row.colour,
                slot=row.slot,
                minimum_age=row.minimum_age or 0,
                tax_basis_points=row.tax_basis_points,
                item_cap=row.item_cap,
                image=row.image,
                description=row.own_description or row.description,
                counted=row.listed_stock is not None,
            ),
        )
        for row in connection.execute(rows)
    ]
    first: dict[str, int] = {}
    for position, item in found:
        first[item.thing] = min(position, first.get(item.thing, position))
    return tuple(item for _, item in sorted(found, key=lambda pair: first[pair[1].thing]))  # stable: sizes stay sorted
